import Postgres
import Testing

@Suite("A message whose answer does not come")
struct MessageTimeTests {
  @Test("is waited for as long as its statements may take, also when they are few and short")
  func few() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      let session = try await database.server.connect(
        .superuser, database: database.name, settings: SessionSettings(statementTimeout: .milliseconds(500)))
      var failure: PostgresError?
      let time = try await ContinuousClock().measure {
        do {
          try await session.execute("SET statement_timeout = 0; SELECT pg_sleep(60)")
        } catch let error as PostgresError {
          failure = error
        }
      }
      #expect(failure?.phase == .cancelled)
      #expect(time > .seconds(1) && time < .seconds(20), "\(time)")
      #expect(try await session.query("SELECT 1").integer(0, 0) == 1)
    }
  }

  @Test("of many statements has the time of them all")
  func many() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      let session = try await database.server.connect(
        .superuser, database: database.name, settings: SessionSettings(statementTimeout: .milliseconds(500)))
      let statements = Array(repeating: "SELECT pg_sleep(0.3)", count: 15)
      #expect(try await session.execute(statements.joined(separator: "; ")).count == 15)
    }
  }
}
