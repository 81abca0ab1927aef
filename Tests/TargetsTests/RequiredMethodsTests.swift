import Testing

@testable import Targets

@Suite("Methods that a login is limited to")
struct RequiredMethodsTests {
  @Test(
    "are let through or ruled out",
    arguments: [
      ("password", true), ("scram-sha-256, password", true), ("!none", true), ("!md5,!none", true),
      ("scram-sha-256", false), ("!password", false), ("md5", false), ("! password", false),
    ])
  func lets(list: String, through: Bool) {
    #expect(RequiredMethods(list).allows("password") == through)
  }

  @Test(
    "need SCRAM with channel binding from a libpq that does not know them, or are beyond it",
    .enabled(if: !ConninfoText.isKnown("require_auth")),
    arguments: [
      ("password", .asGiven), ("!none", .asGiven), ("scram-sha-256", .channelBinding),
      ("scram-sha-256,md5", .channelBinding), ("!password", .channelBinding), ("md5", .impossible),
      ("none", .impossible), ("!password,!scram-sha-256", .impossible),
    ] as [(String, RequiredMethods.Way)])
  func way(list: String, way: RequiredMethods.Way) {
    #expect(RequiredMethods(list).way == way)
  }

  @Test("a parameter that this libpq does not know is left out of what it reads")
  func conninfo() {
    let plain = "host=h dbname=d"
    #expect(ConnectionSettings.conninfo(plain) == plain && ConnectionSettings.conninfo("orders") == "orders")
    #expect(ConnectionSettings.conninfo("host=h nonsense=1") == "host=h nonsense=1")
    let limited = ConnectionSettings.conninfo("host=h require_auth=password")
    #expect(limited.contains("require_auth") == ConnectionSettings.isKnownToLibPQ("require_auth"))
  }
}
