internal import Checkup

/// The sign in front of a check's line.
struct CheckMark {
  var sign: String
  var tint: OutputStyle.Tint

  /// - Parameter unicode: one character; otherwise a word that `grep` finds, padded to four.
  init(_ status: CheckStatus, unicode: Bool) {
    (sign, tint) =
      switch status {
      case .pass: (unicode ? "✓" : "ok  ", .green)
      case .warn: (unicode ? "!" : "warn", .yellow)
      case .fail: (unicode ? "✗" : "FAIL", .red)
      case .skip: (unicode ? "-" : "skip", .dim)
      case .unknown: (unicode ? "?" : "?   ", .yellow)
      }
  }
}
