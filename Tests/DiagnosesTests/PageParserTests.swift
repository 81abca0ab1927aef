import Testing

@testable import Diagnoses

@Suite("A page's form")
struct PageParserTests {
  private func parse(_ text: String, id: String = "acme-proxy") throws -> DiagnosisPage {
    try PageParser(text, file: "runbooks/acme-proxy.md").page(id: id, category: "runbooks")
  }

  @Test("a page is read whole")
  func wholePage() throws {
    let page = try parse(
      PageText.page(
        severity: "warning", engines: "[mysql, postgresql]", likelihood: "rare",
        messages: ["'proxy refused {who}'", "['proxy: start', 'proxy: refused']"],
        shares: ["timeout expired"],
        more: "risk: [restart, access]\nreplaced-by: tls-expired\n"))
    #expect(page.id == "acme-proxy")
    #expect(page.category == "runbooks")
    #expect(page.severity == .warning)
    #expect(page.engines == [.mysql, .postgresql])
    #expect(page.likelihood == .rare)
    #expect(page.messages.map(\.patterns.count) == [1, 2])
    #expect(page.messages.map(\.literalCharacters) == [14, 26])
    #expect(page.shares.map(\.description) == ["“timeout expired”"])
    #expect(page.risks == [.restart, .access])
    #expect(page.replacedBy == "tls-expired")
    #expect(page.title == "The proxy says no")
    #expect(page.sections.map(\.heading) == PageSection.Heading.allCases)
    #expect(page.section(.cause)?.lines == ["A rule."])
    #expect(page.symptoms == ["proxy refused the login of app"])
    #expect(page.fix == "proxy allow app\nproxy reload")
    #expect(page.section(.fix)?.codeBlocks.first?.language == "sh")
  }

  @Test("line ends of Windows make no difference")
  func carriageReturns() throws {
    let text = PageText.page(messages: ["proxy refused"])
    #expect(
      try parse(text.replacing("\n", with: "\r\n")).sections == parse(text).sections)
  }

  /// A malformed page, the line of the mistake, and words of the message.
  struct Mistake: Sendable, CustomTestStringConvertible {
    let text: String
    let line: Int
    let message: String
    var testDescription: String { message }
  }

  @Test(
    "a malformed page is an error with file, line, what is wrong and what to do",
    arguments: [
      Mistake(text: "# A title\n", line: 1, message: "there is no front matter"),
      Mistake(text: "---\nid: acme-proxy\n", line: 1, message: "there is no front matter"),
      Mistake(text: PageText.page(severity: "fatal"), line: 3, message: "“fatal” is not a value of severity"),
      Mistake(
        text: PageText.page(engines: "[oracle]"), line: 4, message: "use postgresql or mysql or keyspaces"),
      Mistake(text: PageText.page(engines: "[]"), line: 4, message: "at least one word"),
      Mistake(text: PageText.page(likelihood: "often"), line: 5, message: "“often” is not a value"),
      Mistake(text: PageText.page(id: "other"), line: 2, message: "the file is named “acme-proxy.md”"),
      Mistake(
        text: PageText.page(messages: ["'short'"]), line: 7, message: "too few of its characters are literal"),
      Mistake(text: PageText.page(messages: ["'abcdefgh {a}{b}'"]), line: 7, message: "two holes touch"),
      Mistake(
        text: PageText.page(messages: ["'fine message'", "'{a!b} text text'"]), line: 8,
        message: "a hole with a condition begins it"),
      Mistake(
        text: PageText.page(messages: ["{a: b}"]), line: 7, message: "an entry of messages is not a text"),
      Mistake(
        text: PageText.page(messages: ["'it's broken'"]), line: 7, message: "the front matter is not YAML"),
      Mistake(
        text: PageText.page().replacing("shares: []\n", with: ""), line: 6,
        message: "the key “shares” is missing"),
      Mistake(
        text: PageText.page().replacing("severity: error\n", with: ""), line: 3,
        message: "the key “engines” is not the one that belongs here, “severity”"),
      Mistake(text: PageText.page(more: "risk: [boredom]\n"), line: 8, message: "“boredom” is not a value"),
      Mistake(
        text: PageText.page(more: "replaced-by: x\nrisk: [access]\n"), line: 9,
        message: "“risk” is not the one"),
      Mistake(text: PageText.page(more: "owner: me\n"), line: 8, message: "“owner” is not the one"),
      Mistake(text: PageText.page(title: ""), line: 9, message: "there is no title"),
      Mistake(text: PageText.page(title: "# One\n\n# Two"), line: 12, message: "a second title"),
      Mistake(text: PageText.page(title: "# One\n\nText"), line: 12, message: "text outside the sections"),
      Mistake(
        text: PageText.page().replacing("## Cause", with: "## Causes"), line: 19,
        message: "“Causes” is not the heading that belongs here: “Cause” was to come"),
      Mistake(
        text: PageText.page().replacing("## References\nhttps://example.com/", with: ""), line: 36,
        message: "the section “References” is missing"),
      Mistake(
        text: PageText.page().replacing("proxy reload\n```", with: ""), line: 28, message: "has no end"),
    ])
  func mistakes(_ mistake: Mistake) throws {
    let error = try #require(throws: PageError.self) { try parse(mistake.text) }
    #expect(error.line == mistake.line, "\(error)")
    #expect(error.description.hasPrefix("runbooks/acme-proxy.md:\(mistake.line): "))
    #expect(error.description.contains(mistake.message), "\(error)")
    #expect(error.description.contains("; "))
  }
}
