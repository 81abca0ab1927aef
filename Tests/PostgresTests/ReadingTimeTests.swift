import Testing

@testable import Postgres

@Suite("The time for reading catalogs")
struct ReadingTimeTests {
  @Test("ends for all statements together, however short each of them is")
  func end() async throws {
    let time = ReadingTime(each: .milliseconds(1))
    try time.check()
    try await Task.sleep(until: time.end, clock: .continuous)
    #expect(throws: PostgresError.self) { try time.check() }
    #expect(time.limit <= .now)
  }

  @Test("allows a statement no more than a tenth beyond what the server was told", arguments: [2, 60, 3600])
  func tenth(seconds: Int) {
    let time = ReadingTime(each: .seconds(seconds))
    #expect(time.limit + time.margin - .now <= .seconds(seconds) * 1.1)
  }
}

@Suite("The settings of a session")
struct SessionSettingsTests {
  @Test(
    "have a time as the server shows it",
    arguments: [
      (1, "1ms"), (1500, "1500ms"), (2000, "2s"), (90_000, "90s"), (60_000, "1min"), (3_600_000, "1h"),
    ])
  func time(milliseconds: Int, shown: String) {
    let settings = SessionSettings(statementTimeout: .milliseconds(milliseconds))
    #expect(settings.required.contains { $0 == ("statement_timeout", shown) })
  }
}
