import Testing

@testable import Targets

@Suite("Hosts that are this machine")
struct LocalNameTests {
  private static let hosts = """
    127.0.0.1 localhost
    ::1 localhost
    127.0.1.1 desk.example.com desk
    10.0.0.5 desk2
    127.0.0.1 both
    10.0.0.5 both
    127.0.0.1 db.abc123.eu-west-1.rds.amazonaws.com
    """

  /// What a host is found to be, with enough time.
  private static func found(_ host: String) async throws -> (addresses: [String], isListed: Bool) {
    let files = try TemporaryFiles(["hosts": Self.hosts])
    let path = "\(files.path)/hosts"
    let addresses = await LocalName.addresses(of: host, hostsFile: path, until: .now + .seconds(20))
    return (addresses, LocalName.isListed(host, hostsFile: path))
  }

  @Test(
    "they come with the addresses to dial them by",
    arguments: [
      ("localhost", ["127.0.0.1", "::1"]), ("desk", ["127.0.1.1"]), ("DESK", ["127.0.1.1"]),
      ("127.1", ["127.0.0.1"]), ("2130706433", ["127.0.0.1"]), ("0", ["127.0.0.1"]),
    ])
  func here(host: String, addresses: [String]) async throws {
    let found = try await Self.found(host)
    #expect(found.addresses == addresses && found.isListed)
  }

  @Test(
    "others are not, and an endpoint never is",
    arguments: [
      "desk2", "both", "unknown.example.com", "10.1", "db.abc123.eu-west-1.rds.amazonaws.com", "", "/run",
      "a,b",
    ])
  func elsewhere(host: String) async throws {
    let found = try await Self.found(host)
    #expect(found.addresses.isEmpty && !found.isListed)
  }

  @Test("each of a list of hosts is dialled by what it was found to be")
  func list() async {
    func dialled(_ parameters: [String: String]) async -> [String]? {
      var settings = ConnectionSettings()
      for (keyword, value) in parameters { settings.add(keyword, value, .conninfo) }
      let local = await LocalHosts(settings, until: .now + .seconds(20))
      return local.list.map { [$0.hosts, $0.addresses] }
    }
    #expect(await dialled(["host": "127.1"]) == ["127.1", "127.0.0.1"])
    #expect(
      await dialled(["host": "db.example.com,127.1,/run"]) == ["db.example.com,127.1,/run", ",127.0.0.1,"])
    #expect(await dialled(["host": "db.example.com"]) == nil)
    #expect(await dialled(["host": "127.1", "hostaddr": "10.0.0.5"]) == nil)
  }
}
