import Foundation
import Postgres
import Testing

@Suite("Code that a database's owner has laid out for the master")
struct HostileDatabaseTests {
  static let options = ["--iam-user", "iamuser"]

  @Test(
    "is not run by any command of setup, in one database or all of them",
    arguments: [
      (HostileOwner.Way.database, ServerName.pg15RDS, []), (.database, .pg18RDS, ["--all-databases"]),
      (.role, .pg15RDS, ["--all-databases"]), (.user, .pg16RDS, []),
      (.everybody, .pg18RDS, ["--all-databases"]),
    ])
  func setup(way: HostileOwner.Way, on server: ServerName, scope: [String]) async throws {
    try await TestDatabase.run(on: server) { database in
      let other = database.another("other")
      try await other.create()
      let owner = HostileOwner(database: database)
      try await owner.occupy(way, [database, other])
      let start = try owner.mark()
      let options = Self.options + scope
      for command in ["plan", "verify"] {
        let result = try await database.setup(command, options)
        #expect([0, 1].contains(result.status), "\(command): \(result.output)")
      }
      try await owner.leave([database, other])
      let before = try await database.dump()
      for (command, more) in [("plan", []), ("apply", ["--yes"]), ("verify", [])] {
        let result = try await database.setup(command, options + more)
        #expect(result.status == 0, "\(command): \(result.output)")
      }
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")
      let left = try await database.dump().differences(from: before)
      #expect(left == [])
      let sprung = try owner.sprung(since: start)
      #expect(sprung.prefix(3) == [])
      let rules = try await owner.rules()
      #expect(!rules)
    }
  }

  @Test("would be run by a session without setup's settings", arguments: HostileOwner.Way.allCases)
  func trap(way: HostileOwner.Way) async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      let owner = HostileOwner(database: database)
      try await owner.occupy(way, [database])
      let start = try owner.mark()
      try await database.psql("SELECT lower(rolname) <> 'a' FROM pg_catalog.pg_roles LIMIT 1", as: .master)
      let sprung = try owner.sprung(since: start)
      #expect(!sprung.isEmpty)
      let rules = try await owner.rules()
      #expect(rules)
    }
  }

  @Test("a role, an isolation level or a time limit that the database sets is not setup's")
  func settings() async throws {
    try await TestDatabase.run(on: .pg18RDS) { database in
      try await database.server.psql("CREATE ROLE low; GRANT low TO \(database.server.master.user)")
      try await database.psql(
        "CREATE TABLE t (id int); ALTER TABLE t OWNER TO \(database.server.master.user)")
      for setting in [
        "default_transaction_isolation = serializable", "statement_timeout = 1", "lock_timeout = 1",
        "quote_all_identifiers = on", "standard_conforming_strings = off", "transform_null_equals = on",
        "default_transaction_read_only = on", "search_path = public", "role = low",
      ] {
        try await database.server.psql("ALTER DATABASE \(database.name) SET \(setting)")
      }
      for command in [["plan"], ["apply", "--yes"], ["verify"]] {
        let result = try await database.setup(command[0], Self.options + command.dropFirst())
        #expect(result.status == 0, "\(command): \(result.output)")
        #expect(!result.output.contains(" low"), "\(result.output)")
      }
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")
    }
  }

  @Test("the operator's own startup options are kept, and stand before setup's")
  func ownOptions() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      let server = database.server
      var parameters = ConnectionParameters()
      parameters.settings = .catalogs
      let given = "-c work_mem=1234kB -c search_path=public"
      parameters.set("dbname", "host=\(server.superuser.socket) port=\(server.port) options='\(given)'")
      parameters.set("user", server.superuser.user)
      parameters.override("dbname", database.name)
      let session = try await Session.connect(parameters)
      let row = try await session.query("SELECT current_setting('work_mem'), current_setting('search_path')")
      #expect(row.text(0, 0) == "1234kB")
      #expect(row.text(0, 1) == "pg_catalog,pg_temp")

      let service = "\(database.folder)/service.conf"
      try "[mine]\noptions=-c no_such_setting=1\n".write(toFile: service, atomically: true, encoding: .utf8)
      for own in [["PGOPTIONS": "-c no_such_setting=1"], ["PGSERVICE": "mine", "PGSERVICEFILE": service]] {
        let environment = server.environment(.master, database: database.name).merging(own) { $1 }
        let plan = try await CommandLineTool.run(["setup", "plan"] + Self.options, environment: environment)
        #expect(plan.stderr.contains("no_such_setting"), "\(plan.output)")
      }
    }
  }

  @Test("what a session left in pg_temp does not answer for the catalogs")
  func temporary() async throws {
    try await TestDatabase.run(on: .pg16RDS) { database in
      let session = try await database.server.connect(.superuser, database: database.name)
      try await session.execute(
        """
        CREATE TEMP TABLE pg_class (oid oid); CREATE DOMAIN pg_temp.text AS pg_catalog.text CHECK (VALUE <> 'trap');
        """)
      let row = try await session.catalogQuery(
        "SELECT 'trap'::text, count(*) > 0 FROM pg_class", deadline: .now + .seconds(10))
      #expect(row.flag(0, 1))
    }
  }
}
