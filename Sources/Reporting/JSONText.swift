internal import AccessModel
internal import FoundationEssentials

/// How documents are written: members sorted, so that two of them can be compared, and nothing in them that steers
/// whoever shows them.
public enum JSONText {
  /// The document with a final newline.
  public static func render(_ document: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return JSONEscape.document(String(decoding: try encoder.encode(document), as: UTF8.self)) + "\n"
  }
}
