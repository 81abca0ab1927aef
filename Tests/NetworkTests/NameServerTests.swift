import DNS
import Testing

@Suite("A DNS server is given as an address")
struct NameServerTests {
  @Test(
    "addresses with and without a port are read",
    arguments: [
      ("127.0.0.1", "127.0.0.1:53"), ("127.0.0.1:5353", "127.0.0.1:5353"), ("::1", "[::1]:53"),
      ("[::1]", "[::1]:53"), ("[2001:db8::53]:5353", "[2001:db8::53]:5353"),
    ])
  func accepted(text: String, shown: String) throws {
    #expect(try NameServer(parsing: text).description == shown)
  }

  @Test(
    "everything else is refused with the reason",
    arguments: [
      ("", "is empty"), ("localhost", "“localhost” is not an IP address"),
      ("dns.example:53", "“dns.example” is not an IP address"), ("127.0.0.1:", "the port “”"),
      ("127.0.0.1:0", "the port “0”"), ("127.0.0.1:65536", "the port “65536”"),
      ("127.0.0.1:dns", "the port “dns”"),
      ("[::1", "after “]”"), ("[::1]5353", "after “]”"), ("[127.0.0.1]:53", "brackets are for IPv6"),
      ("1.1.1.1,8.8.8.8", "several"), ("fe80::1%eth0", "zone"), ("10.0.0.1\u{1b}[31m", "u{"),
    ])
  func refused(text: String, reason: String) {
    let error = #expect(throws: NameServerError.self) { try NameServer(parsing: text) }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
  }
}
