import Sockets
import Testing

@Suite("An address is a place, not a text")
struct SocketAddressTests {
  @Test(
    "addresses are shown as one dials them",
    arguments: [
      ("127.0.0.1", "127.0.0.1:5432"), ("::1", "[::1]:5432"), ("0:0:0:0:0:0:0:1", "[::1]:5432"),
      ("fe80::1%lo", "[fe80::1%lo]:5432"), ("2001:DB8::1", "[2001:db8::1]:5432"),
    ])
  func description(host: String, shown: String) {
    #expect(SocketAddress(host, port: 5432)?.description == shown)
  }

  @Test(
    "what is not an address in numbers is none",
    arguments: [
      "", "localhost", "127.1", "10.0.0.256", "1.2.3.4%lo", "fe80::1%nosuchinterface", "::1 ", "[::1]",
    ])
  func rejected(host: String) { #expect(SocketAddress(host, port: 1) == nil) }

  @Test(
    "an abbreviated address is what a connection to it leads to",
    arguments: [
      ("127.1", "127.0.0.1"), ("2130706433", "127.0.0.1"), ("0x7f.1", "127.0.0.1"), ("0", "127.0.0.1"),
      ("10.1", "10.0.0.1"), ("1e100.net", nil), ("localhost", nil), ("127.1 x", nil), ("", nil),
      ("1.2.3.4.5", nil),
    ] as [(String, String?)])
  func abbreviated(text: String, host: String?) {
    #expect(SocketAddress(abbreviated: text, port: 1)?.host == host)
  }

  @Test("two ways to write one address are equal")
  func equality() {
    #expect(SocketAddress("::1", port: 1) == SocketAddress("0::0:1", port: 1))
    #expect(SocketAddress("::1", port: 1) != SocketAddress("::1", port: 2))
  }

  @Test(
    "addresses that only a private network reaches are private",
    arguments: [
      ("10.0.0.1", true), ("172.15.0.1", false), ("172.16.0.1", true), ("172.31.255.255", true),
      ("172.32.0.1", false), ("192.168.1.1", true), ("192.169.1.1", false), ("100.63.0.1", false),
      ("100.64.0.1", true), ("100.127.0.1", true), ("100.128.0.1", false), ("169.254.1.1", true),
      ("52.1.2.3", false), ("fd00::1", true), ("fc00::1", true), ("fe80::1", true), ("2600::1", false),
      ("::ffff:10.0.0.1", true), ("::ffff:8.8.8.8", false), ("127.0.0.1", false), ("::1", false),
    ])
  func privacy(host: String, isPrivate: Bool) throws {
    #expect(try #require(SocketAddress(host, port: 1)).isPrivate == isPrivate)
  }

  @Test(
    "loopback is this machine",
    arguments: [("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("10.0.0.1", false), ("::", false)])
  func loopback(host: String, isLoopback: Bool) throws {
    #expect(try #require(SocketAddress(host, port: 1)).isLoopback == isLoopback)
  }
}
