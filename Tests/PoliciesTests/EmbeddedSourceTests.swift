import Testing

@testable import embed_files

@Suite("Embedding files")
struct EmbeddedSourceTests {
  @Test(
    "a text becomes a literal on one line that means the text",
    arguments: [
      ("plain", #""plain""#), ("a\"b\\c", #""a\"b\\c""#), ("\\(x) #\"", #""\\(x) #\"""#),
      ("l1\nl2\r\n\tend", #""l1\nl2\u{d}\n\tend""#), ("\0\u{7F}\u{9F}", #""\u{0}\u{7f}\u{9f}""#),
      ("\u{FEFF}é日🙂", #""\u{feff}é日🙂""#),
    ])
  func literal(text: String, literal: String) {
    #expect(EmbeddedSource.literal(text) == literal)
  }

  @Test("files are listed by path, whatever the order they come in")
  func order() {
    let text = EmbeddedSource(
      name: "Pages", files: [.init(path: "b/a.md", text: "2"), .init(path: "a.md", text: "1")]
    ).text
    let entries = text.split(separator: "\n").filter { $0.contains("File(path:") }
    #expect(
      entries == [
        #"    File(path: "a.md", contents: "1"),"#, #"    File(path: "b/a.md", contents: "2"),"#,
      ])
    #expect(text.contains("extension Pages {"))
  }
}
