internal import AccessModel
internal import Synchronization

/// The secrets of this run, as far as they are known yet: nothing that it prints may have them, whoever has repeated
/// them and wherever they were put by mistake.
enum KnownSecrets {
  private struct Known {
    /// Parts of them tell something, too.
    var all = Redactor()
    /// The same for texts that are full of names: a password may begin like one of those.
    var printed = Redactor()
  }

  private static let known = Mutex(Known())

  /// A token or key: no name begins like one.
  static func hide(_ redactor: Redactor) {
    known.withLock {
      $0.all.hide(redactor)
      $0.printed.hide(redactor)
    }
  }

  /// What a person logs in with: in what is printed it is hidden where it stands as a whole.
  static func hide(passwords redactor: Redactor) {
    known.withLock {
      $0.all.hide(redactor)
      $0.printed.hide(redactor.wholes)
    }
  }

  /// An error's text without them, and without what is left of one that was cut.
  static func redacted(error text: String) -> String { known.withLock { $0.all }.redacted(text) }

  /// A text without them.
  static func redacted(_ text: String) -> String {
    let redactor = known.withLock { $0.printed }
    guard text.utf8.count > longest else { return redactor.redacted(text) }
    // A document of any size takes no more memory than its own for this.
    var shown = ""
    var rest = text[...]
    while !rest.isEmpty {
      let limit =
        rest.utf8.index(rest.startIndex, offsetBy: longest, limitedBy: rest.endIndex) ?? rest.endIndex
      let end = rest[limit...].utf8.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
      shown += redactor.redacted(String(rest[..<end]))
      rest = rest[end...]
      if rest.utf8.first == UInt8(ascii: "\n") {
        shown += "\n"
        rest = rest.dropFirst()
      }
    }
    return shown
  }

  /// Bytes that are looked at together.
  private static let longest = 1 << 18
}
