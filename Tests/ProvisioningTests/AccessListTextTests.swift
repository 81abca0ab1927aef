import Testing

@testable import Provisioning

@Suite("The text of a list of privileges")
struct AccessListTextTests {
  @Test(
    "is what PostgreSQL writes",
    arguments: [
      "{}", "{postgres=arwdDxt/postgres}", "{=r/owner,owner=arwdDxtm/owner}", "{a=r*w*/b}",
      #"{"\"a b\"=r/\"a b\""}"#, #"{"\"a\"\"b\"=r/c"}"#, #"{"\"a,b{}=/\"=U/c"}"#, "{=/owner}",
    ])
  func sound(text: String) { #expect(AccessListText.isSound(text)) }

  @Test(
    "is nothing else",
    arguments: [
      "", "{", "x", "{x}", "{a=r}", "{a=r/}", "{a=z/b}", "{a=r/b", "{a=r/b},", "{a=r/b}'; DROP TABLE t; --",
      "{a=r/b,}",
      "{{a=r/b}}", #"{"a=r/b}"#, "{a=r/b;}{", #"{"\"a=r/b"}"#,
    ])
  func unsound(text: String) { #expect(!AccessListText.isSound(text)) }
}
