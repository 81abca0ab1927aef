/// Takes the secrets of a run out of a text that came from outside: a server's message, a library's.
///
/// Each is found whole, percent-encoded or decoded, in base64, in capitals, in quotation marks, broken into lines, and
/// cut at either end as long as what is left tells something; of a database token also its signature and its session token alone.
public struct Redactor: Sendable {
  private var needles: [SecretNeedle] = []

  public init() {}

  public init(_ secrets: [Secret]) {
    for secret in secrets { hide(secret) }
  }

  /// Hides one more secret from here on.
  public mutating func hide(_ secret: Secret?) {
    for needle in secret.map(SecretNeedle.all) ?? [] where !needles.contains(needle) {
      needles.append(needle)
    }
  }

  /// Hides the other one's secrets, too.
  public mutating func hide(_ other: Redactor) {
    for needle in other.needles where !needles.contains(needle) { needles.append(needle) }
  }

  /// The same but for secrets that are the run's public names, too: then they are none.
  public func excepting(_ names: [String]) -> Redactor {
    let plain = Set(names.map { PlainText($0).bytes })
    var copy = self
    copy.needles.removeAll { plain.contains($0.bytes) }
    return copy
  }

  /// The same, but for parts of secrets: for texts in which names that begin like a password have to stay.
  public var wholes: Redactor {
    var copy = self
    copy.needles = needles.map(\.whole)
    return copy
  }

  /// The text, with a word in the place of each secret.
  public func redacted(_ text: String) -> String {
    guard !needles.isEmpty, !text.isEmpty else { return text }
    let plain = PlainText(text)
    let found = needles.flatMap { $0.places(in: plain) }.map {
      plain.origins[$0.lowerBound].lowerBound..<plain.origins[$0.upperBound - 1].upperBound
    }
    guard !found.isEmpty else { return text }
    let bytes = Array(text.utf8)
    var shown: [UInt8] = []
    var position = 0
    for place in found.sorted(by: { ($0.lowerBound, $1.upperBound) < ($1.lowerBound, $0.upperBound) }) {
      if place.lowerBound >= position {
        shown += bytes[position..<place.lowerBound]
        shown += Self.word.utf8
      }
      position = max(position, place.upperBound)
    }
    shown += bytes[position...]
    return String(decoding: shown, as: UTF8.self)
  }

  /// What stands in the place of a secret; the same as ``Secret``'s description.
  public static let word = "(redacted)"
}
