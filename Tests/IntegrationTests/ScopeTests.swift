import Testing

@Suite("What is moved")
struct ScopeTests {
  static let options = ["--iam-user", "iamuser"]

  @Test(
    "psql runs the SQL form of a plan with the same result as apply",
    arguments: [
      (ServerName.pg15RDS, "owner-role"), (.pg18RDS, "direct"), (.pg16Stock, "owner-role"),
      (.pg18RDS, "owner-role"),
    ])
  func script(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      let options =
        Self.options + ["--mode", mode, "--keep-access", "app_old", "--include", "default-privileges"]
      let plan = try await database.setup("plan", options + ["--format", "sql"])
      #expect(plan.status == 0, "\(plan.output)")
      let apply = try await database.setup("apply", options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      let applied = try await database.dump()
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")

      try await database.psql(plan.stdout, as: server.administrator)
      let scripted = try await database.dump().differences(from: applied)
      #expect(scripted == [])
      let second = try await database.setup(
        "plan", options + ["--adopt-iam-user", "--detailed-exitcode"], journal: "\(database.folder)/none")
      #expect(second.status == 0, "\(second.output)")
    }
  }

  @Test("only the schemas asked for, or all of them", arguments: [ServerName.pg15RDS, .pg18Stock])
  func schemas(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      try await database.psql(
        """
        CREATE SCHEMA billing AUTHORIZATION app_old;
        CREATE SCHEMA "Old ""Archive"".x" AUTHORIZATION reporting;
        SET ROLE app_old; CREATE TABLE billing.invoices (id serial); RESET ROLE;
        SET ROLE reporting; CREATE TABLE "Old ""Archive"".x"."select" (id serial); RESET ROLE;
        """)
      let before = try await database.dump()
      let owners = """
        SELECT string_agg(DISTINCT nspname || ' ' || pg_get_userbyid(nspowner) || ' ' || pg_get_userbyid(relowner), ', ')
        FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname IN ('billing', 'Old "Archive".x')
        """
      let owner = database.ownerRole
      for (options, expected) in [
        (["--schema", "billing"], "Old \"Archive\".x reporting reporting, billing \(owner) \(owner)"),
        (["--all-schemas"], "Old \"Archive\".x \(owner) \(owner), billing \(owner) \(owner)"),
      ] {
        let apply = try await database.setup("apply", Self.options + options + ["--yes"])
        #expect(apply.status == 0, "\(apply.output)")
        let found = try await database.psql(owners)
        #expect(found == expected)
        let inPublic = try await database.psql("SELECT tableowner FROM pg_tables WHERE tablename = 'archive'")
        #expect(inPublic == (options == ["--all-schemas"] ? owner : "Legacy \"Owner\".2"))
      }
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")
      let left = try await database.dump().differences(from: before)
      #expect(left == [])
    }
  }

  @Test(
    "every database of the server, with one journal to undo it", arguments: [ServerName.pg15RDS, .pg18Stock])
  func databases(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      let other = database.another("other")
      try await other.create()
      try await other.psql(
        "GRANT ALL ON SCHEMA public TO app_old; SET ROLE app_old; CREATE TABLE far (id serial)")
      let before = try await [database.dump(), other.dump()]

      let options = Self.options + ["--all-databases", "--keep-access", "app_old"]
      let apply = try await database.setup("apply", options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      let moved = try await other.psql("SELECT tableowner FROM pg_tables WHERE tablename = 'far'")
      #expect(moved == other.ownerRole)
      let others = try await database.objectsNotOwned(by: database.ownerRole)
      #expect(others == (server.isLikeRDS ? ["relation administrators_own"] : []) + ["routine latest_run()"])
      let second = try await database.setup("plan", options + ["--detailed-exitcode"])
      #expect(second.status == 0, "\(second.output)")

      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")
      let left = try await database.dump().differences(from: before[0])
      #expect(left == [])
      let leftInOther = try await other.dump().differences(from: before[1])
      #expect(leftInOther == [])
    }
  }
}
