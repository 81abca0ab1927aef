import Testing

@Suite("What the plan says of a loss mends it")
struct LossCureTests {
  @Test("a foreign table whose server knows the old owner alone breaks, and the plan's cure mends it")
  func userMapping() async throws {
    // The servers of later versions have no postgres_fdw.
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.psql(
        LossTests.application
          + """
          CREATE ROLE far LOGIN PASSWORD 'far';
          CREATE SCHEMA far AUTHORIZATION far;
          SET ROLE far; CREATE TABLE far.stock AS SELECT 7 AS n; RESET ROLE;
          CREATE EXTENSION postgres_fdw;
          CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw
            OPTIONS (host '127.0.0.1', port '\(database.server.port)', dbname '\(database.name)', sslmode 'require',
              sslcert '/nowhere', sslkey '/nowhere', sslrootcert '/nowhere');
          CREATE SERVER beyond FOREIGN DATA WRAPPER postgres_fdw
            OPTIONS (host '127.0.0.1', port '\(database.server.port)', dbname '\(database.name)', sslmode 'require',
              sslcert '/nowhere', sslkey '/nowhere', sslrootcert '/nowhere');
          GRANT USAGE ON FOREIGN SERVER elsewhere, beyond TO app;
          CREATE USER MAPPING FOR app SERVER elsewhere OPTIONS (user 'far', password 'far');
          CREATE USER MAPPING FOR app SERVER beyond OPTIONS (user 'far', password 'far');
          SET ROLE app;
          CREATE FOREIGN TABLE distant (n integer) SERVER elsewhere OPTIONS (schema_name 'far', table_name 'stock');
          CREATE FOREIGN TABLE other.further (n integer) SERVER beyond OPTIONS (schema_name 'far', table_name 'stock');
          CREATE VIEW through AS SELECT n FROM distant;
          CREATE VIEW beyond AS SELECT n FROM other.further;
          GRANT SELECT ON through, beyond TO ann;
          RESET ROLE;
          """)
      for script in [
        "SET ROLE app; SELECT n FROM distant", "SET ROLE ann; SELECT n FROM through JOIN beyond USING (n)",
      ] {
        #expect(try await database.psql(script) == "7")
      }
      let owner = database.ownerRole
      let options = LossTests.options + ["--keep-access", "app"]
      let mappings = try await database.losses(options).filter { $0.kind == "mapping" }
      #expect(mappings.map(\.objects) == [["beyond"], ["elsewhere"]], "\(mappings)")
      let apply = try await database.setup("apply", options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      try await database.psql("GRANT SELECT ON other.further TO \(owner)")
      // As before: whoever asks for himself has his own mapping.
      #expect(try await database.psql("SET ROLE app; SELECT n FROM distant") == "7")
      for script in [
        "SET ROLE \(owner); SELECT n FROM distant", "SET ROLE ann; SELECT n FROM through",
        "SET ROLE ann; SELECT n FROM beyond",
      ] {
        let refusal = await #expect(throws: SandboxServer.Refusal.self) { try await database.psql(script) }
        #expect(refusal?.message.contains("user mapping not found for") == true, "\(refusal?.message ?? "")")
      }
      try await database.psql(
        """
        CREATE USER MAPPING FOR \(owner) SERVER elsewhere OPTIONS (user 'far', password 'far');
        CREATE USER MAPPING FOR \(owner) SERVER beyond OPTIONS (user 'far', password 'far');
        """)
      #expect(try await database.psql("SET ROLE \(owner); SELECT n FROM distant") == "7")
      #expect(try await database.psql("SET ROLE ann; SELECT n FROM through JOIN beyond USING (n)") == "7")
    }
  }

  @Test(
    "what mends a loss runs as it is printed, whatever the roles are called",
    arguments: ["order", "new\nline"])
  func statements(owner: String) async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.psql(
        LossTests.application + "ALTER ROLE app NOINHERIT; CREATE ROLE \"\(owner)\";"
          + "SET ROLE app; CREATE TABLE other.\"table\" (id integer);"
          + "CREATE VIEW tabled AS SELECT id FROM other.\"table\"")
      let losses = try await database.losses(
        LossTests.options + ["--owner-role", owner, "--keep-access", "app"])
      let statements = losses.compactMap(\.fix).compactMap { fix -> String? in
        if fix.hasPrefix("GRANT SELECT") { return fix.split(separator: ", or move").first.map(String.init) }
        if fix.hasPrefix("As app: ") { return "SET ROLE app; " + fix.dropFirst("As app: ".count) }
        return fix.contains("SET role") ? fix.replacing(" INHERIT, or ", with: " INHERIT; ") : nil
      }
      #expect(statements.count >= 3, "\(losses)")
      for statement in statements { try await database.psql(statement) }
      let reads = try await database.psql(
        "SELECT has_table_privilege(oid, 'other.table', 'SELECT') FROM pg_roles WHERE rolname = '\(owner)'")
      #expect(reads == "t")
    }
  }

  @Test(
    "who somebody is decides on rows and names, and the plan's statements mend it",
    arguments: [ServerName.pg15RDS, .pg18RDS], ["owner-role", "direct"])
  func whoSomebodyIs(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(
        """
        CREATE ROLE app LOGIN PASSWORD 'app'; CREATE ROLE "order" NOLOGIN;
        ALTER ROLE app IN DATABASE \(database.name) SET search_path = "$user", shop, public;
        CREATE SCHEMA shop AUTHORIZATION app; CREATE SCHEMA app AUTHORIZATION app;
        SET ROLE app;
        CREATE TABLE shop.orders (id integer); CREATE TABLE app.settings (id integer);
        CREATE TABLE shop.rows (id integer); INSERT INTO shop.rows VALUES (1);
        ALTER TABLE shop.rows ENABLE ROW LEVEL SECURITY; ALTER TABLE shop.rows FORCE ROW LEVEL SECURITY;
        CREATE POLICY mine ON shop.rows TO app, "order" USING (true);
        CREATE TABLE shop.own (who text); INSERT INTO shop.own VALUES ('app');
        ALTER TABLE shop.own ENABLE ROW LEVEL SECURITY; ALTER TABLE shop.own FORCE ROW LEVEL SECURITY;
        CREATE POLICY theirs ON shop.own USING (who = current_user);
        CREATE TABLE shop.plain (id integer); ALTER TABLE shop.plain ENABLE ROW LEVEL SECURITY;
        CREATE POLICY mine ON shop.plain TO app USING (true);
        """)
      let options = LossTests.options + ["--all-schemas", "--mode", mode]
      let owner = mode == "direct" ? "iamuser" : database.ownerRole
      let losses = try await database.losses(options)
      let who = losses.filter { $0.kind == "search-path" || $0.kind == "row-security" }
      #expect(
        who.map(\.message) == [
          "row security is forced on shop.own, and its policy theirs asks who the user is, which is \(owner) from then on: "
            + "\(owner) may see other rows, or none",
          "row security is forced on shop.rows, and its policy mine is for app: \(owner) may see other rows, or none",
          "app finds names without a schema in app, shop, public, and iamuser does not",
        ], "\(losses)")
      let apply = try await database.setup("apply", options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      let work = "SET SESSION AUTHORIZATION iamuser; SET ROLE \(owner); SELECT id FROM shop.rows"
      #expect(try await database.psql(work) == "")
      for loss in who.dropFirst() { try await database.psql(try #require(loss.fix)) }
      #expect(try await database.psql(work) == "1")
      let path = try await database.psql(
        """
        SELECT c FROM pg_db_role_setting s, unnest(s.setconfig) c WHERE s.setrole = 'iamuser'::regrole
          AND c LIKE 'search_path%'
        """)
      #expect(path == "search_path=app, shop, public")
      let again = try await database.losses(options + ["--adopt-iam-user"])
      #expect(!again.contains { $0.kind == "search-path" })
    }
  }
}
