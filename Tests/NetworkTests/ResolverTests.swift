import DNS
import Foundation
import Testing

@Suite("The resolver shows the whole way from a name to its addresses", .timeLimit(.minutes(1)))
struct ResolverTests {
  private func resolve(
    _ name: String, with server: NameServer, within limit: Duration = .seconds(5),
    timeout: Duration = .seconds(1)
  ) async -> Resolution {
    await Resolver(servers: [server], timeout: timeout).resolve(name, until: .now + limit)
  }

  @Test(
    "an alias of an alias is shown step by step, with lifetimes, addresses of both families and the server")
  func chain() async throws {
    let dns = try await Dnsmasq.start([
      "--host-record=writer.example,10.1.2.3,fd00::3,300", "--cname=cluster.example,writer.example,60",
      "--cname=db.example,cluster.example,30",
    ])
    let resolution = await resolve("DB.example.", with: dns.server)
    #expect(resolution.status == .answered)
    #expect(
      resolution.chain.map { [$0.owner.lowercased(), $0.target] } == [
        ["db.example", "cluster.example"], ["cluster.example", "writer.example"],
      ])
    #expect(resolution.chain.map(\.ttl) == [30, 60])
    #expect(
      resolution.addresses == [
        AddressRecord(address: "10.1.2.3", ttl: 300),
        AddressRecord(address: "fd00::3", ttl: 300, isIPv6: true),
      ])
    #expect(resolution.canonicalName == "writer.example")
    #expect(resolution.name == "DB.example")
    #expect(resolution.server == dns.server.description)
    #expect(resolution.queries.map(\.status) == [.answered, .answered])
    #expect(resolution.source == .dns)
  }

  @Test("a name without an address is told from a name that does not exist")
  func noDataAndNXDomain() async throws {
    let dns = try await Dnsmasq.start(["--txt-record=text.example,hello"])
    #expect(await resolve("text.example", with: dns.server).status == .noData)
    #expect(await resolve("absent.example", with: dns.server).status == .nxDomain)
  }

  @Test("a server that refuses is no missing name")
  func refused() async throws {
    let dns = try await Dnsmasq.start([])
    #expect(await resolve("db.elsewhere.net", with: dns.server).status == .refused)
  }

  @Test("an answer that does not fit into a datagram is fetched over TCP")
  func truncation() async throws {
    let hosts = try TemporaryFolder()
    let lines = (1...60).map { "10.9.0.\($0) many.example" }.joined(separator: "\n")
    let dns = try await Dnsmasq.start(["--addn-hosts=\(try hosts.write(lines, to: "hosts"))"])
    let resolution = await resolve("many.example", with: dns.server)
    #expect(resolution.addresses.count == 60)
  }

  @Test("a chain that leads back to itself ends as a loop")
  func loop() async throws {
    let dns = try ScriptedNameServer { question in
      .records([.alias(question.name, question.name == "a.example" ? "b.example" : "a.example")])
    }
    let resolution = await resolve("a.example", with: dns.server)
    #expect(resolution.loop)
    #expect(resolution.chain.map(\.target) == ["b.example", "a.example"])
    #expect(resolution.status == .noData)
    #expect(!resolution.hopLimitReached)
  }

  @Test("a chain without an end stops after sixteen steps")
  func hopLimit() async throws {
    let dns = try ScriptedNameServer { question in
      let number = question.name.dropFirst().prefix { $0 != "." }
      return .records([.alias(question.name, "n\((Int(number) ?? 0) + 1).example")])
    }
    let resolution = await resolve("n0.example", with: dns.server)
    #expect(resolution.hopLimitReached)
    #expect(resolution.chain.count == Resolver.hopLimit)
    #expect(!resolution.loop)
  }

  @Test("an answer that stops at an alias is followed by another question")
  func partialChain() async throws {
    let dns = try ScriptedNameServer { question in
      switch (question.name, question.isIPv6) {
      case ("db.example", _): .records([.alias("db.example", "target.example")])
      case ("target.example", false): .records([.ipv4("target.example", [10, 0, 0, 7])])
      default: .records([])
      }
    }
    let resolution = await resolve("db.example", with: dns.server)
    #expect(resolution.addresses.map(\.address) == ["10.0.0.7"])
    #expect(resolution.chain.count == 1)
    #expect(resolution.queries.count == 4)
  }

  @Test("an alias of a name that does not exist keeps its chain")
  func danglingAlias() async throws {
    let dns = try ScriptedNameServer { question in
      .records([.alias(question.name, "deleted.example")], rcode: 3)
    }
    let resolution = await resolve("db.example", with: dns.server)
    #expect(resolution.status == .nxDomain)
    #expect(resolution.canonicalName == "deleted.example")
  }

  @Test(
    "what a server answers is not dressed up",
    arguments: [
      (ScriptedNameServer.Answer.records([], rcode: 2), DNSStatus.serverFailure),
      (.records([], rcode: 5), .refused), (.records([], rcode: 1), .malformed), (.garbage, .malformed),
      (.records([]), .noData),
    ])
  func statuses(answer: ScriptedNameServer.Answer, status: DNSStatus) async throws {
    let dns = try ScriptedNameServer { _ in answer }
    #expect(await resolve("db.example", with: dns.server).status == status)
  }

  @Test("a silent server costs no more than the deadline")
  func silence() async throws {
    let dns = try ScriptedNameServer { _ in .silence }
    async let usual = BusyMachine.wait()
    let started = ContinuousClock.now
    let resolution = await resolve("db.example", with: dns.server, within: .seconds(2), timeout: .seconds(10))
    let elapsed = ContinuousClock.now - started
    #expect(resolution.status == .timedOut)
    #expect(resolution.server == nil)
    let bound = BusyMachine.bound(await usual)
    #expect(elapsed >= .seconds(2) && elapsed < bound)
  }

  @Test("a port where nobody listens is told from silence, and at once")
  func unreachable() async throws {
    let server = try NameServer(parsing: "127.0.0.1:\(LoopbackSocket.freePort())")
    let resolution = await resolve("db.example", with: server)
    #expect(resolution.status == .unreachable)
    #expect(resolution.duration < .seconds(1))
  }

  @Test("the second server is asked when the first is silent, and every question is on record")
  func failover() async throws {
    let silent = try ScriptedNameServer { _ in .silence }
    let good = try await Dnsmasq.start(["--host-record=db.example,10.0.0.1"])
    let resolution = await Resolver(servers: [silent.server, good.server], timeout: .milliseconds(100))
      .resolve("db.example", until: .now + .seconds(5))
    #expect(resolution.status == .answered)
    #expect(resolution.server == good.server.description)
    #expect(
      resolution.queries.filter { $0.status == .timedOut }.allSatisfy {
        $0.server == silent.server.description
      })
    #expect(resolution.queries.count == 4)
  }

  @Test("an address needs no server", arguments: ["10.0.0.1", "::1", "fe80::1%lo"])
  func literals(address: String) async throws {
    let resolution = await Resolver(servers: []).resolve(address, until: .now)
    #expect(resolution.source == .literal)
    #expect(resolution.addresses.map(\.address) == [address])
  }

  @Test(
    "a text that cannot be a name is not sent anywhere",
    arguments: ["", "a..b", String(repeating: "x", count: 64) + ".example"])
  func invalidNames(name: String) async throws {
    let dns = try ScriptedNameServer { _ in .silence }
    #expect(await resolve(name, with: dns.server).status == .invalidName)
  }

  @Test("the hosts file answers before DNS, unless servers are named")
  func hostsFile() async throws {
    let folder = try TemporaryFolder()
    let hosts = try folder.write("# comment\n10.0.0.5\tdb.example db # inline\n::5 DB.example\n", to: "hosts")
    let dns = try await Dnsmasq.start(["--host-record=db.example,10.0.0.1"])
    let bySystem = await Resolver(hostsFile: hosts).resolve("db.example", until: .now + .seconds(1))
    #expect(bySystem.source == .hosts)
    #expect(
      bySystem.addresses == [AddressRecord(address: "10.0.0.5"), AddressRecord(address: "::5", isIPv6: true)])
    let byServer = await Resolver(servers: [dns.server], hostsFile: hosts)
      .resolve("db.example", until: .now + .seconds(5))
    #expect(byServer.source == .dns)
    #expect(byServer.addresses.map(\.address) == ["10.0.0.1"])
  }

  @Test("c-ares says which version it is")
  func version() { #expect(DNSLibrary.version.hasPrefix("1.")) }
}
