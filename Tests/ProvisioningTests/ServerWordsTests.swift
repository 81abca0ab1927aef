import Testing

@testable import Provisioning

@Suite("SQL that a server hands out")
struct ServerWordsTests {
  @Test(
    "arguments as PostgreSQL writes them are taken",
    arguments: [
      "", "()", "(*)", "(integer)", "(INOUT a \"char\", VARIADIC \"any\" ORDER BY VARIADIC \"any\")",
      "(x \"My \"\"T\"[], y timestamp(3) without time zone)",
      " (NONE, bigint)", " USING btree", " USING \"my method\"",
    ])
  func taken(_ text: String) throws { #expect(try ServerWords.suffix(text, of: "f") == text) }

  @Test(
    "a line break in a quoted name is written so that it is none",
    arguments: [("(\"a\nb\" integer)", #"(U&"a\+00000Ab" integer)"#)])
  func written(_ text: String, _ sql: String) throws { #expect(try ServerWords.suffix(text, of: "f") == sql) }

  @Test(
    "anything else in their place is refused",
    arguments: [
      "(integer)\n\\! touch x\n", "(integer) OWNER TO evil; --", "(integer); DROP TABLE t; --()",
      "(a) TO evil, g(b)", "(a), FUNCTION g(b)",
      "(integer", "integer)", "\n", "(\\! x)", "(a\n)", "('x')", "(a = b)", "($$a$$)",
      " USING btree OWNER TO evil", " USING a; b", "x", "(a)--",
    ])
  func refused(_ text: String) {
    #expect(throws: SetupProblem.self) { try ServerWords.suffix(text, of: "f") }
  }

  @Test(
    "privileges are words in capitals",
    arguments: [
      ("SELECT", true), ("ALTER SYSTEM", true), ("SELECT ON t TO evil", false), ("select", false),
      ("A B C", false), ("", false), ("SELECT;", false),
    ])
  func privileges(_ text: String, _ isTaken: Bool) {
    #expect(((try? ServerWords.capitals(text)) != nil) == isTaken)
  }

  @Test(
    "an operator's name has signs alone",
    arguments: [
      ("@#@", true), ("=", true), ("--", false), ("+/*", false), ("= x", false), ("\"=\"", false),
      ("", false),
    ])
  func operators(_ text: String, _ isTaken: Bool) {
    #expect(((try? ServerWords.operatorName(text)) != nil) == isTaken)
  }

  @Test("a large object is a number", arguments: [("12", true), ("12; x", false), ("-1", false)])
  func numbers(_ text: String, _ isTaken: Bool) {
    #expect(((try? ServerWords.number(text)) != nil) == isTaken)
  }
}
