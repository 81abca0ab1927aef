internal import COpenSSL

/// A text cut into its PEM blocks (RFC 7468), with the line that each begins on.
struct PEMDocument {
  struct Block {
    /// What stands after `BEGIN`.
    var label: String
    /// The line of `-----BEGIN`, from 1.
    var line: Int
    /// From `-----BEGIN` to `-----END`, or to the next block or the end of the file where the end is missing.
    var text: [UInt8]
  }

  let blocks: [Block]

  init(_ bytes: [UInt8]) {
    var blocks: [Block] = []
    var isOpen = false
    var lineNumber = 0
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      lineNumber += 1
      if let label = Self.label(of: line, after: "-----BEGIN ") {
        blocks.append(Block(label: label, line: lineNumber, text: []))
        isOpen = true
      }
      if isOpen {
        blocks[blocks.count - 1].text += line
        blocks[blocks.count - 1].text.append(UInt8(ascii: "\n"))
        isOpen = Self.label(of: line, after: "-----END ") == nil
      }
    }
    self.blocks = blocks
  }

  /// The label of a boundary line: five hyphens, a keyword, the label, five hyphens, and perhaps blanks.
  private static func label(of line: ArraySlice<UInt8>, after opening: String) -> String? {
    guard line.starts(with: opening.utf8) else { return nil }
    let text = String(decoding: line.dropFirst(opening.utf8.count), as: UTF8.self)
    guard let end = text.firstRange(of: "-----") else { return nil }
    return String(text[..<end.lowerBound])
  }
}

extension PEMDocument.Block {
  /// The labels that OpenSSL reads as a certificate.
  var isCertificate: Bool {
    ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"].contains(label)
  }

  /// The certificate in the block; nil when it is damaged.
  var certificate: Certificate? {
    guard let bio = BIO_new_mem_buf(text, Int32(clamping: text.count)) else { return nil }
    defer {
      BIO_free(bio)
      ERR_clear_error()
    }
    guard let parsed = PEM_read_bio_X509_AUX(bio, nil, nil, nil) else { return nil }
    let handle = X509Handle(adopting: parsed)
    return Certificate(borrowing: handle.pointer)
  }
}
