import AccessModel
import Testing

@Suite("Values in SQL")
struct SQLTextTests {
  @Test(
    "names and texts are read back as they were", arguments: HostileText.all, [SQLText.Form.shown, .script])
  func readBack(_ text: String, _ form: SQLText.Form) {
    guard !text.isEmpty, !text.contains("\0") else { return }
    #expect(SQLStatement(SQLText.identifier(text, form))?.tokens == [.name(text)])
    #expect(SQLStatement(SQLText.literal(text, form))?.tokens == [.text(text)])
  }

  @Test("nothing that is written for psql is more than a line of ASCII", arguments: HostileText.all)
  func script(_ text: String) {
    let name = SQLText.identifier(text, .script)
    let literal = SQLText.literal(text, .script)
    for line in [name, literal, SQLText.comment(text)] {
      #expect(line.unicodeScalars.allSatisfy { (0x20..<0x7F).contains($0.value) })
      #expect(!WorkflowCommand.isIn("x \(line)"))
    }
    // A text with a backslash means the same whatever the server says of standard_conforming_strings.
    if literal.contains("\\") { #expect(literal.hasPrefix("E'")) }
  }

  @Test(
    "statements are taken apart and written again",
    arguments: [
      #"ALTER FUNCTION "s"."f"(integer, VARIADIC x "My.Type"[]) OWNER TO "o""#,
      #"ALTER AGGREGATE "s"."a"(numeric(10,2) ORDER BY "any") OWNER TO "o""#,
      #"ALTER OPERATOR "s".@#@ (NONE, bigint) OWNER TO "o""#,
      #"ALTER ROLE "a""b" IN DATABASE "d" SET role = "c""#, #"GRANT ALL ON LARGE OBJECT 12 TO "x;""#,
      #"ALTER ROLE "x" VALID UNTIL 'infinity'"#, #"GRANT U&"a\+00000Ab" TO "\!""#,
    ])
  func kept(_ sql: String) { #expect(SQLStatement(sql)?.text(.shown) == sql) }

  @Test(
    "what could be more than a statement is none",
    arguments: [
      "a; b", "a -- b", "a /* b */", "a\nb", "a\r", "a \\! b", "a $$b$$", "(a))", "a) (", "((a)", #""a"#,
      "'a", #""""#, "'a\\'", "E'\\n'",
      "a\tb", "a:b", "a::b", #"U&"\D800""#, "é", "a\u{A0}b",
    ])
  func refused(_ sql: String) { #expect(SQLStatement(sql) == nil) }
}
