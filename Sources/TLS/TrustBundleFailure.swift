internal import Files
internal import Glibc

/// Why a file cannot serve as a trust bundle.
public enum TrustBundleFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file cannot be read: absent (`ENOENT`), forbidden (`EACCES`), a folder (`EISDIR`), too large (`EFBIG`).
  case missing(path: String, errno: Int32)
  /// There is no regular file, but something else, such as "a named pipe".
  case notRegular(path: String, kind: String)
  /// Nothing in the file is a certificate in PEM form.
  case notPEM(path: String, looksLike: Content)
  /// A block that says it is a certificate is none; libpq then refuses the whole file. Blocks and lines count
  /// from 1; the line is the block's `-----BEGIN`.
  case partlyUnreadable(path: String, readable: Int, block: Int, line: Int)

  /// What a file that is no bundle seems to be.
  public enum Content: Sendable, Hashable {
    case empty, html, xml, json, der, privateKey, text, binary
    /// PEM blocks of another kind, by the first one's label.
    case otherPEM(String)
  }

  init(path: String, _ failure: FileFailure) {
    self =
      switch failure {
      case .notRegular(.folder): .missing(path: path, errno: EISDIR)
      case .notRegular(let kind): .notRegular(path: path, kind: kind.rawValue)
      case .system(let code): .missing(path: path, errno: code)
      default: .missing(path: path, errno: EFBIG)
      }
  }

  public var path: String {
    switch self {
    case .missing(let path, _), .notRegular(let path, _), .notPEM(let path, _),
      .partlyUnreadable(let path, _, _, _):
      path
    }
  }

  public var description: String {
    switch self {
    case .missing(let path, let code): "\(path): \(String(cString: strerror(code)))"
    case .notRegular(let path, let kind): "\(path): it is \(kind), not a regular file"
    case .notPEM(let path, let content): "\(path) holds no certificate in PEM form: \(content.explanation)"
    case .partlyUnreadable(let path, let readable, let block, let line):
      "\(path): PEM block \(block), on line \(line), cannot be read as a certificate; "
        + "\(readable) before it can"
    }
  }
}

extension TrustBundleFailure.Content {
  /// For the end of a sentence.
  public var explanation: String {
    switch self {
    case .empty: "it is empty"
    case .html: "it is an HTML page, perhaps of a proxy or a login form that answered the download"
    case .xml: "it is XML, perhaps an error document that answered the download"
    case .json: "it is JSON"
    case .der: "it is in DER form; convert it with openssl x509 -inform DER"
    case .privateKey: "it is a private key"
    case .text: "it is some other text"
    case .binary: "it is some other binary file"
    case .otherPEM(let label): "its first block is “\(label)”"
    }
  }

  /// Looks at the beginning of a file without PEM blocks.
  init(guessing bytes: [UInt8]) {
    let blank: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF]  // the last three are UTF-8's mark
    let start = bytes.drop { blank.contains($0) }.prefix(512)
    let text = String(decoding: start, as: UTF8.self).lowercased()
    self =
      switch start.first {
      case nil: .empty
      case UInt8(ascii: "<"):
        text.contains("<html") || text.contains("<!doctype html") || text.contains("<head")
          || text.contains("<body") ? .html : .xml
      case UInt8(ascii: "{"), UInt8(ascii: "["): .json
      case 0x30 where Certificate(der: bytes) != nil: .der
      case _ where start.contains { $0 < 0x09 || 0x0E..<0x20 ~= $0 }: .binary
      default: .text
      }
  }
}
