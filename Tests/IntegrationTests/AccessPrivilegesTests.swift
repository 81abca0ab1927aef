import Testing

@Suite("Access privileges through a move and back")
struct AccessPrivilegesTests {
  /// Privileges that a change of owner merges, renames or swallows. `successor` is who owns everything afterwards.
  static let privileges = """
    GRANT SELECT, INSERT ON customers TO successor WITH GRANT OPTION;
    GRANT UPDATE (name), SELECT (name) ON customers TO successor;
    GRANT REFERENCES (id) ON customers TO successor, readonly WITH GRANT OPTION;
    GRANT ALL ON base_document TO successor;
    GRANT DELETE ON base_document TO PUBLIC;
    REVOKE INSERT, TRUNCATE ON base_document FROM app_old;
    GRANT USAGE ON SEQUENCE ticket_numbers TO successor;
    GRANT EXECUTE ON FUNCTION area(integer) TO successor WITH GRANT OPTION;
    GRANT USAGE ON TYPE mood TO successor;
    GRANT USAGE ON DOMAIN positive TO successor WITH GRANT OPTION;
    GRANT SELECT ON customer_summary TO successor;
    GRANT SELECT ON archive TO successor;
    GRANT USAGE ON SCHEMA public TO successor WITH GRANT OPTION;
    REVOKE ALL ON report_runs FROM reporting;
    GRANT SELECT ON invoice TO reporting;
    ALTER DEFAULT PRIVILEGES FOR ROLE successor IN SCHEMA public GRANT SELECT ON TABLES TO readonly;
    ALTER DEFAULT PRIVILEGES FOR ROLE app_old GRANT EXECUTE ON FUNCTIONS TO successor WITH GRANT OPTION;
    ALTER DEFAULT PRIVILEGES FOR ROLE app_old REVOKE USAGE ON TYPES FROM PUBLIC;
    """

  @Test("an owner role that had privileges of its own gets them back", arguments: ServerName.allCases)
  func ownerRoleWithPrivileges(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      try await database.psql("CREATE ROLE successor NOLOGIN;\n\(Self.privileges)")
      try await database.expectRoundTrip(["--iam-user", "iamuser", "--owner-role", "successor"])
    }
  }

  @Test("an IAM user that had privileges of its own gets them back", arguments: ServerName.allCases)
  func iamUserWithPrivileges(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      try await database.psql("CREATE ROLE successor LOGIN;\n\(Self.privileges)")
      try await database.expectRoundTrip(
        ["--iam-user", "successor", "--mode", "direct", "--adopt-iam-user", "--include", "default-privileges"])
    }
  }

  @Test("privileges that others granted under a grant option come back with their grantors", arguments: ServerName.allCases)
  func grantors(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      try await database.psql(
        """
        CREATE ROLE successor NOLOGIN;
        \(Self.privileges)
        GRANT USAGE ON SCHEMA public TO successor;
        SET ROLE successor;
        GRANT SELECT ON customers TO reporting;
        RESET ROLE;
        GRANT SELECT ON orders TO readonly WITH GRANT OPTION;
        SET ROLE readonly;
        GRANT SELECT ON orders TO successor;
        """)
      try await database.expectRoundTrip(["--iam-user", "iamuser", "--owner-role", "successor"])
    }
  }

  @Test("a role that keeps access goes on reading and writing after the move", arguments: [ServerName.pg15RDS, .pg18RDS])
  func keepAccess(on server: ServerName) async throws {
    for mode in ["owner-role", "direct"] {
      try await TestDatabase.run(on: server) { database in
        try await database.fillWithAwkwardObjects()
        let apply = try await database.setup(
          "apply", ["--iam-user", "iamuser", "--keep-access", "app_old", "--mode", mode, "--yes"])
        #expect(apply.status == 0, "\(apply.output)")
        try await database.psql(
          """
          SET ROLE app_old;
          INSERT INTO customers (name) VALUES ('somebody');
          UPDATE customers SET feeling = 'happy';
          SELECT nextval('ticket_numbers'), area(2), latest_run();
          SELECT * FROM big_spenders, customer_summary;
          INSERT INTO "🐘 elephants; DROP TABLE customers" ("été") VALUES ('warm');
          DELETE FROM archive;
          """)
      }
    }
  }
}
