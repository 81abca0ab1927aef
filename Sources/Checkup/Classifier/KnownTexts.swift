internal import Diagnoses

/// The messages that the pages know, for a server's text that no rule says more about.
///
/// Reading all pages takes a while, so it is done for the check in question only.
struct KnownTexts {
  let pages: PageRegistry
  let check: String

  /// The failures that show themselves with this text, the likeliest first; none for another check's text.
  func findings(_ text: String, of check: String) -> [Finding] {
    guard check == self.check else { return [] }
    let message = text.components(afterLast: "FATAL:  ")
    let words = message.hasSuffix(".") ? String(message.dropLast()) : message
    return LogScanner.reading(of: text, pages: (try? pages.pages()) ?? []).matches.prefix(3).map {
      Finding($0.page.id, .probable, check: check, reason: "the message is that of this failure: \(words)")
    }
  }
}
