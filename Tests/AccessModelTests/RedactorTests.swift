import AccessModel
import FoundationEssentials
import Testing

/// What can be read in what is left of a text in base64.
private enum Base64Remains {
  static func texts(_ piece: String) -> [String] {
    (0..<4).compactMap { skipped in
      let digits = piece.dropFirst(skipped)
      return Data(base64Encoded: String(digits.prefix(digits.count / 4 * 4))).map {
        String(decoding: $0, as: UTF8.self)
      }
    }
  }
}

@Suite("Secrets in a text from outside")
struct RedactorTests {
  static let password = "Tr0ub4dor&3/x y%zZ"
  static let signature = "5f0c2f6a1d9e8b7c4a3f2e1d0c9b8a7f6e5d4c3b2a1908f7e6d5c4b3a2918070"
  static let token =
    "db.example.com:5432/?Action=connect&DBUser=app_iam&X-Amz-Algorithm=AWS4-HMAC-SHA256"
    + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260101%2Feu-west-1%2Frds-db%2Faws4_request"
    + "&X-Amz-Security-Token=IQoJb3JpZ2luX2VjEPz%2F%2F%2F%2F%2Fabcdef&X-Amz-Date=20260101T000000Z"
    + "&X-Amz-Signature=\(signature)"

  @Test(
    "a password is hidden in every form",
    arguments: [
      password, password.uppercased(), password.lowercased(), "'\(password)'", "Tr0ub4dor%263%2Fx%20y%25zZ",
      "Tr0ub4dor%263%2fx+y%25zZ", "%54%72%30%75%62%34%64%6f%72%26%33%2F%78%20%79%25%7A%5A",
      "Tr0ub4dor%25263%252Fx%2520y%2525zZ", "Tr0ub4dor&amp;3/x y%zZ", "Tr0ub4dor\\u00263/x y%zZ",
      "Tr0ub4dor\n&3/x y%zZ",
      "Tr0ub4dor&3/", "4dor&3/x y%zZ", "ub4dor&3/x y%z",
    ])
  func passwordForms(_ form: String) {
    let text = Redactor([Secret(Self.password)]).redacted("FATAL:  no, \(form), said the server")
    #expect(
      text == "FATAL:  no, (redacted), said the server" || text == "FATAL:  no, '(redacted)', said the server"
    )
  }

  @Test(
    "of a token nothing remains but where it is for",
    arguments: [
      token, token.uppercased(), token.replacing("%2F", with: "/"), token.replacing("%", with: "%25"),
      token.replacing("&", with: "&amp;"), String(token.prefix(300)), String(token.dropFirst(200)), signature,
      signature.uppercased(), String(signature.prefix(20)), String(signature.suffix(20)),
      "IQoJb3JpZ2luX2VjEPz%2F%2F%2F%2F%2Fabcdef",
      "IQoJb3JpZ2luX2VjEPz/////abcdef", "X-Amz-Signature=\(signature)",
    ])
  func tokenForms(_ form: String) {
    let text = Redactor([Secret(Self.token)]).redacted("no: \(form)").lowercased()
    #expect(text.contains("(redacted)"))
    for part in ["5f0c2f6a1d", "3a2918070", "iqojb3jpz2lu", "2/////abcdef"] {
      #expect(!text.contains(part), "\(text)")
    }
  }

  @Test(
    "in base64 a secret is hidden wherever it stands in a longer text",
    arguments: [password, signature, "пароль-пароль", "??>>??>>??>>"], ["", "a", "ab", "postgres:", "app:"])
  func base64(_ secret: String, _ before: String) {
    let redactor = Redactor([Secret(secret)])
    for after in ["", "\n", "&more=1"] {
      let text = Data((before + secret + after).utf8).base64EncodedString()
      let forURLs = text.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
      for form in [text, forURLs, text.uppercased(), String(text.dropFirst(before.utf8.count + 8)) + "x"] {
        let shown = redactor.redacted("Authorization: Basic \(form).")
        #expect(shown.hasPrefix("Authorization: Basic "), "\(shown)")
        // What is left of it has parts of what stands beside it.
        #expect(shown.contains("(redacted)"), "\(form): \(shown)")
        #expect(shown.count < "Authorization: Basic (redacted).".count + before.utf8.count * 2 + 20)
      }
    }
  }

  @Test("of a token in base64 nothing remains that is secret", arguments: ["", "x", "xy"])
  func base64Token(_ before: String) throws {
    let redactor = Redactor([Secret(Self.token)])
    for part in [Self.token, Self.signature, "IQoJb3JpZ2luX2VjEPz/////abcdef"] {
      let shown = redactor.redacted(Data((before + part).utf8).base64EncodedString())
      let left = shown.split(separator: "(redacted)").flatMap { Base64Remains.texts(String($0)) }
      for secret in ["5f0c2f6a", "d5c4b3a2918070", "lnX2VjEPz"] {
        #expect(!left.contains { $0.contains(secret) }, "\(shown)")
      }
    }
  }

  @Test("messages about the endpoint stay as they are")
  func endpoint() {
    let text =
      "connection to server at \"db.example.com\" (10.0.0.1), port 5432 failed: FATAL:  PAM authentication failed for user \"app_iam\""
    #expect(Redactor([Secret(Self.token), Secret(Self.password)]).redacted(text) == text)
  }

  @Test(
    "a short secret is hidden as a word, and a common word is no secret",
    arguments: [
      ("abc", "user abc, abcd", "user (redacted), abcd"), ("hunter", "no hunter2", "no (redacted)2"),
      ("", "text", "text"),
      ("'", "it's", "it's"), ("password", "password authentication failed", "password authentication failed"),
      (
        "my-password", "password authentication failed for my-password",
        "password authentication failed for (redacted)"
      ),
      ("aaaaaaaaaaaaaaaa", "xaaaaaaaaaaaaaaaax", "x(redacted)x"),
      ("пароль-пароль", "нет: пароль-пароль", "нет: (redacted)"),
    ])
  func short(_ secret: String, _ text: String, _ shown: String) {
    #expect(Redactor([Secret(secret)]).redacted(text) == shown)
  }

  @Test("secrets that overlap leave nothing between them")
  func overlap() {
    let redactor = Redactor([Secret("abcdefghij"), Secret("fghijklmno")])
    #expect(redactor.redacted("x abcdefghijklmno y") == "x (redacted) y")
  }

  @Test("a name of the run that is a secret as well is none")
  func names() {
    let redactor = Redactor([Secret("app_user"), Secret("hunter22")]).excepting(["APP_USER"])
    #expect(redactor.redacted("app_user hunter22") == "app_user (redacted)")
  }

  @Test("a long text of the secret's own letters is shown as it is, and soon")
  func large() {
    let text = String(repeating: "aaaaaaaa", count: 4_096)
    let redactor = Redactor([Secret(Self.token), Secret(String(repeating: "ab", count: 40))])
    #expect(redactor.redacted(text) == text)
  }
}
