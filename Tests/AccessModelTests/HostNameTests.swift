import AccessModel
import Testing

@Suite("Host names")
struct HostNameTests {
  @Test(
    "a host's form is told by its spelling",
    arguments: [
      ("db.example.com", HostName.Form.name), ("10.0.0.1", .ipv4), ("10.0.0.1.example.com", .name),
      ("256.0.0.1", .name), ("1.2.3", .name), ("::1", .ipv6), ("[2001:db8::1]", .ipv6),
      ("fe80::1%eth0", .ipv6),
      ("::ffff:10.0.0.1", .ipv6), ("localhost", .localhost), ("LOCALHOST.", .localhost),
      ("db.localhost", .localhost),
      ("/var/run/postgresql", .socket), ("@abstract", .socket),
    ])
  func form(text: String, form: HostName.Form) throws {
    #expect(try HostName(text).form == form)
  }

  @Test("a trailing dot is taken off and remembered")
  func trailingDot() throws {
    let host = try HostName("Db.Example.com.")
    #expect(host.name == "Db.Example.com")
    #expect(host.hadTrailingDot)
  }

  @Test(
    "what cannot be a host is refused with the reason",
    arguments: [
      ("", "empty"), ("db example.com", "space"), ("db\n.example.com", "control character"),
      ("postgres://db.example.com/x", "without a scheme"), ("me@db.example.com", "user"),
      ("db.example.com:5432", "--port"), ("a.example.com,b.example.com", "several"),
      ("db..example.com", "empty part"), (".", "empty part"),
    ])
  func refused(text: String, reason: String) {
    let error = #expect(throws: HostNameError.self) { try HostName(text) }
    #expect(error?.description.contains(reason) == true)
    #expect(error?.description.contains("\n") == false)
  }
}
