internal import COpenSSL
internal import Files
internal import Glibc

/// The certificates that somebody trusts: a PEM file, or the system's store.
public struct TrustBundle: Sendable, Hashable {
  public enum Origin: Sendable, Hashable {
    case file(String)
    /// OpenSSL's default places; the file and the folder that were looked at.
    case system(file: String, folder: String)
    /// Put together by a program.
    case memory
  }

  public var origin: Origin
  public var certificates: [Certificate]
  /// How many PEM blocks the source had, those that hold no certificate included.
  public var blockCount: Int

  public init(origin: Origin = .memory, certificates: [Certificate], blockCount: Int? = nil) {
    self.origin = origin
    self.certificates = certificates
    self.blockCount = blockCount ?? certificates.count
  }

  /// Reads a PEM file as `sslrootcert` takes one.
  public static func load(path: String) throws(TrustBundleFailure) -> TrustBundle {
    let bytes: [UInt8]
    do throws(FileFailure) {
      bytes = try RegularFile.read(path, limit: sizeLimit).bytes
    } catch {
      throw TrustBundleFailure(path: path, error)
    }
    let document = PEMDocument(bytes)
    guard !document.blocks.isEmpty else {
      throw .notPEM(path: path, looksLike: TrustBundleFailure.Content(guessing: bytes))
    }
    var certificates: [Certificate] = []
    for (index, block) in document.blocks.enumerated() where block.isCertificate {
      guard let certificate = block.certificate else {
        throw .partlyUnreadable(
          path: path, readable: certificates.count, block: index + 1, line: block.line)
      }
      certificates.append(certificate)
    }
    guard !certificates.isEmpty else {
      throw .notPEM(
        path: path,
        looksLike: document.blocks.contains { $0.label.hasSuffix("PRIVATE KEY") }
          ? .privateKey : .otherPEM(document.blocks[0].label))
    }
    return TrustBundle(
      origin: .file(path), certificates: certificates, blockCount: document.blocks.count)
  }

  /// The store that OpenSSL's default paths lead to, `SSL_CERT_FILE` and `SSL_CERT_DIR` included; this is what
  /// `sslrootcert=system` means. Empty when nothing is installed.
  ///
  /// - Parameter environment: where the two variables are looked up; nil is the process's own environment.
  public static func system(environment: [String: String]? = nil) -> TrustBundle {
    func variable(_ name: UnsafePointer<CChar>) -> String? {
      guard let environment else { return getenv(name).map { String(cString: $0) } }
      return environment[String(cString: name)]
    }
    let file = variable(X509_get_default_cert_file_env()) ?? String(cString: X509_get_default_cert_file())
    let folders = variable(X509_get_default_cert_dir_env()) ?? String(cString: X509_get_default_cert_dir())
    var bundle = TrustBundle(origin: .system(file: file, folder: folders), certificates: [], blockCount: 0)
    let hashed = folders.split(separator: ":").flatMap { HashedFolder.files(in: String($0)) }
    var known: Set<String> = []
    for path in [file] + hashed {
      guard let loaded = try? load(path: path) else { continue }
      bundle.blockCount += loaded.blockCount
      bundle.certificates += loaded.certificates.filter { known.insert($0.sha256).inserted }
    }
    return bundle
  }

  /// More than any real bundle has (RDS's global one is 200 KB), and little enough to hold in memory.
  private static let sizeLimit = 16 << 20
}
