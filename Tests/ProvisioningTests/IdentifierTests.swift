import Postgres
import Testing

@Suite("Names for people")
struct IdentifierTests {
  @Test(
    "a name can neither break a line nor drive a terminal",
    arguments: [
      ("orders", "orders"), ("Orders", "\"Orders\""), ("a.b", "\"a.b\""), ("a\"b", "\"a\"\"b\""),
      ("new\nline", "\"new\\nline\""), ("\u{1B}[31mred", "\"\\u{1B}[31mred\""), ("🐘", "\"🐘\""),
      ("x\u{202E}y", "\"x\\u{202E}y\""), ("", "\"\""), ("1st", "\"1st\""),
      ("order", "\"order\""), ("left", "\"left\""), ("public", "public"), ("Order", "\"Order\""),
    ])
  func display(name: String, shown: String) {
    #expect(Identifier.display(name) == shown)
  }

  @Test("array literals survive quotes, backslashes, commas and braces")
  func arrays() {
    #expect(
      arrayLiteral(["a", #"b"c"#, #"d\e"#, "f,g", "{h}", ""]) == #"{"a","b\"c","d\\e","f,g","{h}",""}"#)
    #expect(arrayLiteral([]) == "{}")
  }
}
