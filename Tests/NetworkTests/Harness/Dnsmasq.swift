import Sockets

@testable import DNS

/// A real DNS server for one test.
struct Dnsmasq {
  let program: RunningProgram
  let server: NameServer

  /// - Parameter records: dnsmasq's options, such as `--host-record=db.example,10.0.0.1`.
  static func start(_ records: [String]) async throws -> Dnsmasq {
    let port = try LoopbackSocket.freePort()
    let program = try await RunningProgram.start(
      "/usr/sbin/dnsmasq",
      [
        "--conf-file=/dev/null", "--port=\(port)", "--no-resolv", "--no-hosts", "--no-daemon", "--pid-file",
        "--listen-address=127.0.0.1", "--bind-interfaces", "--local=/example/",
      ] + records, until: "started")
    return Dnsmasq(program: program, server: try NameServer(parsing: "127.0.0.1:\(port)"))
  }
}
