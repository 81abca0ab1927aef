import AccessModel
import Testing

@Suite("Text from anywhere, as a terminal may show it")
struct ShownTextTests {
  @Test("is one line without anything that steers", arguments: HostileText.all)
  func line(_ text: String) {
    let shown = ShownText.line(text)
    #expect(!shown.unicodeScalars.contains { $0.steersDisplay })
    #expect(ShownText.line(shown) == shown)
  }

  @Test("is the lines that it was, and nothing else that steers", arguments: HostileText.all)
  func lines(_ text: String) {
    #expect(!ShownText.lines(text).unicodeScalars.contains { $0.steersDisplay && $0 != "\n" })
  }

  @Test(
    "is shown as it is where nothing steers", arguments: ["orders", "Überweisung", "日本", "🐘", "❤\u{FE0F}"])
  func kept(_ text: String) { #expect(ShownText.line(text) == text) }

  @Test(
    "shows what it escapes",
    arguments: [
      ("a\nb", "a\\nb"), ("\u{1B}[1m", "\\u{1B}[1m"), ("a\u{202E}b", "a\\u{202E}b"), ("a\tb", "a\\tb"),
    ])
  func escapes(_ text: String, _ shown: String) { #expect(ShownText.line(text) == shown) }
}

@Suite("Commands of CI systems in a text")
struct WorkflowCommandTests {
  @Test(
    "are made none",
    arguments: [
      ("::error::x", ": :error::x"), ("a\n::error::x", "a\n: :error::x"),
      ("a\r\n \u{A0}::add-mask::x", "a\r\n \u{A0}: :add-mask::x"),
      ("x ##vso[a]b", "x # #vso[a]b"), ("##[error]x", "# #[error]x"), ("###[x", "## #[x"),
      ("##teamcity[x]", "# #teamcity[x]"), ("##VSO[x]", "# #VSO[x]"),
      ("section_start:1:a", "section_ start:1:a"),
      ("travis_fold:end:a", "travis_ fold:end:a"),
    ])
  func neutralised(_ text: String, _ neutral: String) {
    #expect(WorkflowCommand.neutralised(text) == neutral)
    #expect(!WorkflowCommand.isIn(neutral))
  }

  @Test(
    "are none within a line, in headings and in casts",
    arguments: ["x ::text", "a::name[]", "## Symptoms", "#1", "a:b"])
  func kept(_ text: String) { #expect(WorkflowCommand.neutralised(text) == text) }
}
