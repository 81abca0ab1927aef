import Policies
import Testing

@Suite("Users in policies")
struct PolicyUserTests {
  @Test(
    "a user of exactly this name is written with IAM's variables for its special characters",
    arguments: [
      ("app", "app"), ("Jane.Doe@example.com", "Jane.Doe@example.com"), ("a*b?", "a${*}b${?}"),
      ("app$1", "app$1"),
      ("a${x}", "a${$}{x}"), ("$${aws:username}", "${$}${$}{aws:username}"), ("a\"b\\c", "a\"b\\c"),
      ("é", "é"),
    ])
  func exactly(name: String, pattern: String) throws {
    let user = try PolicyUser(exactly: name)
    #expect(user.pattern == pattern)
    #expect(user.openings.isEmpty)
  }

  @Test(
    "a pattern keeps wildcards and variables, and says that it does",
    arguments: [
      ("app", "app", []), ("*", "*", [.wildcard]), ("a?*", "a?*", [.wildcard, .wildcard]),
      ("${aws:username}", "${aws:username}", [.variable("${aws:username}")]),
      ("${aws:PrincipalTag/team}_ro", "${aws:PrincipalTag/team}_ro", [.variable("${aws:PrincipalTag/team}")]),
      ("a${*}${?}${$}", "a${*}${?}${$}", []), ("a${x}", "a${$}{x}", []), ("a${", "a${$}{", []),
    ] as [(String, String, [PolicyUser.Opening])])
  func matching(text: String, pattern: String, openings: [PolicyUser.Opening]) throws {
    let user = try PolicyUser(matching: text)
    #expect(user.pattern == pattern)
    #expect(user.openings == openings)
  }

  @Test("names that no user has or IAM cannot hold are refused")
  func refused() {
    #expect(throws: PolicyUserError.self) { try PolicyUser(exactly: "") }
    #expect(throws: PolicyUserError.self) { try PolicyUser(exactly: String(repeating: "é", count: 32)) }
    let euro = #expect(throws: PolicyUserError.self) { try PolicyUser(exactly: "app€") }
    #expect(euro?.description.contains("U+00FF") == true)
    #expect(throws: PolicyUserError.self) { try PolicyUser(matching: "a\u{7}") }
  }
}
