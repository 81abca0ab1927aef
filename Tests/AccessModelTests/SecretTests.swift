import AccessModel
import Testing

@Suite("Secrets")
struct SecretTests {
  private struct Login {
    let user = "app"
    let password: Secret? = Secret("hunter2")
  }

  @Test("no way of turning a secret into text shows it")
  func redaction() {
    let secret = Secret("hunter2")
    var dumped = ""
    dump(secret, to: &dumped)
    dump(Login(), to: &dumped)
    dump([secret: [secret]], to: &dumped)
    let texts = [
      "\(secret)", String(describing: secret), String(reflecting: secret), secret.debugDescription, dumped,
      "\(Login())", String(reflecting: Login()), "\([secret])", "\(Optional(secret) as Any)",
      "\(Mirror(reflecting: secret).children.map { "\($0.value)" })",
    ]
    for text in texts { #expect(!text.contains("hunter2")) }
    #expect("\(secret)" == "(redacted)")
  }

  @Test("a secret is read by asking for it by name")
  func exposure() {
    #expect(Secret("hunter2").exposed == "hunter2")
    #expect(Secret("hunter2").withExposed { $0.count } == 7)
    #expect(Secret("").isEmpty)
  }
}
