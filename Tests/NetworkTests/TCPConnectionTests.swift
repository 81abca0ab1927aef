import Dispatch
import Foundation
import Glibc
import Testing

@testable import Sockets

@Suite("A TCP connection opens, or says why not", .timeLimit(.minutes(1)))
struct TCPConnectionTests {
  private func failure(_ body: () async throws -> Void) async -> TCPFailure? {
    do {
      try await body()
      return nil
    } catch { return error as? TCPFailure }
  }

  @Test("bytes go both ways, over IPv4 and IPv6", arguments: ["127.0.0.1", "::1"])
  func echo(host: String) async throws {
    let listener = try LoopbackSocket.listening(host)
    let deadline = ContinuousClock.now + .seconds(5)
    let connection = try await TCPConnection.open(to: listener.address, until: deadline)
    let client = accept(listener.descriptor, nil, nil)
    #expect(connection.remoteAddress == listener.address)
    #expect(connection.localAddress.isLoopback)
    // More than any socket's buffers hold, so that writing has to wait.
    let sent = [UInt8](repeating: 7, count: 8_000_000) + [1, 2, 3]
    async let received = Self.readAll(client)
    try await connection.write(sent, until: deadline)
    connection.close()
    // Data compares fast in a debug build, where millions of array elements would hold a thread.
    #expect(await Data(received) == Data(sent))
    #expect(try await connection.read(atMost: 10, until: deadline).isEmpty)
  }

  private static func readAll(_ descriptor: Int32) async -> [UInt8] {
    await withCheckedContinuation { continuation in
      // A queue of its own has a thread of its own; the global one is where tasks run.
      DispatchQueue(label: "reader").async {
        defer { close(descriptor) }
        var (all, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 16))
        while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 {
          all += buffer.prefix(count)
        }
        continuation.resume(returning: all)
      }
    }
  }

  @Test("the kernel's round trip is known once something was exchanged")
  func roundTrip() async throws {
    let peer = try ScriptedPeer(.answer(Array("hello".utf8)))
    let connection = try await TCPConnection.open(to: peer.address, until: .now + .seconds(5))
    try await connection.write([1], until: .now + .seconds(5))
    #expect(try await connection.read(exactly: 9, until: .now + .seconds(5)) == Array("hello".utf8))
    let roundTrip = try #require(connection.roundTrip)
    #expect(roundTrip > .zero && roundTrip < .seconds(1))
  }

  @Test("a peer that never stops sending does not outlast the deadline")
  func endless() async throws {
    let listener = try LoopbackSocket.listening("127.0.0.1")
    let connection = try await TCPConnection.open(to: listener.address, until: .now + .seconds(5))
    let client = accept(listener.descriptor, nil, nil)
    DispatchQueue(label: "flood").async {
      let bytes = [UInt8](repeating: 7, count: 1 << 16)
      while send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL)) > 0 {}
      close(client)
    }
    let started = ContinuousClock.now
    let deadline = started + .milliseconds(300)
    let failed = await failure {
      while true { _ = try await connection.read(atMost: 1 << 16, until: deadline) }
    }
    #expect(failed == .timedOut)
    #expect(ContinuousClock.now >= deadline)
    connection.close()
  }

  @Test("a port where nobody listens refuses")
  func refused() async throws {
    let address = try #require(SocketAddress("127.0.0.1", port: LoopbackSocket.freePort()))
    #expect(
      await failure { _ = try await TCPConnection.open(to: address, until: .now + .seconds(5)) } == .refused)
  }

  @Test("a host that does not answer costs the deadline and no more")
  func filtered() async throws {
    // A listener whose queue is full drops what comes, like a filter.
    let listener = try LoopbackSocket.listening(backlog: 0)
    var fillers: [TCPConnection] = []
    async let usual = BusyMachine.wait()
    let started = ContinuousClock.now
    let result = await failure {
      for _ in 0..<8 {
        fillers.append(
          try await TCPConnection.open(to: listener.address, until: started + .seconds(2)))
      }
    }
    let elapsed = ContinuousClock.now - started
    #expect(result == .timedOut)
    let bound = BusyMachine.bound(await usual)
    #expect(elapsed >= .seconds(2) && elapsed < bound)
  }

  @Test("a network without a route is unreachable, in the system's words")
  func unreachable() async throws {
    let address = try #require(SocketAddress("255.255.255.255", port: 5432))
    let result = await failure { _ = try await TCPConnection.open(to: address, until: .now + .seconds(5)) }
    guard case .unreachable(let text) = result else {
      Issue.record("\(String(describing: result))")
      return
    }
    #expect(!text.isEmpty)
  }

  @Test("a silent peer costs the deadline and no more")
  func silence() async throws {
    let peer = try ScriptedPeer(.silence)
    let connection = try await TCPConnection.open(to: peer.address, until: .now + .seconds(5))
    async let usual = BusyMachine.wait()
    let started = ContinuousClock.now
    #expect(
      await failure { _ = try await connection.read(atMost: 1, until: started + .seconds(2)) }
        == .timedOut)
    let elapsed = ContinuousClock.now - started
    let bound = BusyMachine.bound(await usual)
    #expect(elapsed < bound)
  }

  @Test("a peer that cuts the connection is told from one that ends it")
  func resetAndEnd() async throws {
    let deadline = ContinuousClock.now + .seconds(5)
    let (cuttingPeer, endingPeer) = (try ScriptedPeer(.reset), try ScriptedPeer(.close))
    let cutting = try await TCPConnection.open(to: cuttingPeer.address, until: deadline)
    try await cutting.write([1, 2, 3], until: deadline)
    #expect(await failure { _ = try await cutting.read(atMost: 1, until: deadline) } == .reset)

    let ending = try await TCPConnection.open(to: endingPeer.address, until: deadline)
    #expect(try await ending.read(atMost: 1, until: deadline).isEmpty)
  }

  @Test("the routing table knows from where loopback is dialled")
  func sourceAddress() throws {
    let source = try LocalRoutes.sourceAddress(for: #require(SocketAddress("127.0.0.1", port: 5432)))
    #expect(source == SocketAddress("127.0.0.1", port: 0))
  }

  @Test("an error that arrives while waiting for an answer ends the wait")
  func errorWhileWaiting() async throws {
    // A datagram to a port where nobody listens: the answer is an error on the socket, and nothing to read.
    let socket = try LoopbackSocket.udp()
    let nobody = try #require(SocketAddress("127.0.0.1", port: LoopbackSocket.freePort()))
    try #require(nobody.withSystemAddress { connect(socket.descriptor, $0, $1) } == 0)
    let started = ContinuousClock.now
    async let ready = SocketReadiness.wait(socket.descriptor, .read, until: started + .seconds(3))
    try await Task.sleep(for: .milliseconds(100))
    _ = send(socket.descriptor, [0], 1, 0)
    #expect(await ready)
    #expect(ContinuousClock.now - started < .seconds(1))
  }
}
