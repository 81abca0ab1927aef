import Testing

@testable import DNS

@Suite("The system's configuration is followed as glibc follows it")
struct SystemConfigurationTests {
  private func configuration(_ text: String) throws -> SystemConfiguration {
    let folder = try TemporaryFolder()
    return SystemConfiguration(resolverFile: try folder.write(text, to: "resolv.conf"))
  }

  @Test("servers are taken in their order")
  func servers() throws {
    let read = try configuration("# comment\nnameserver 10.0.0.2\nnameserver 2001:db8::53\n")
    #expect(read.servers.map(\.description) == ["10.0.0.2:53", "[2001:db8::53]:53"])
  }

  @Test("a name with few dots tries the search domains first, and another one last")
  func search() throws {
    let read = try configuration("nameserver 10.0.0.2\nsearch a.example b.example\noptions ndots:2\n")
    #expect(read.candidates(for: "db") == ["db.a.example", "db.b.example", "db"])
    #expect(read.candidates(for: "x.y.z") == ["x.y.z", "x.y.z.a.example", "x.y.z.b.example"])
    #expect(read.candidates(for: "db.") == ["db"])
  }
}
