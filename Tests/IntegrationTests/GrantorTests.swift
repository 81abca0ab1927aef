import Testing

@Suite("Grants that the new owner had made or got before it became the owner")
struct GrantorTests {
  static let grants = [
    ("to the new owner by a grantee", "SET ROLE readonly; GRANT INSERT ON orders TO successor"),
    (
      "by the new owner",
      "GRANT SELECT ON customers TO successor WITH GRANT OPTION; SET ROLE successor; GRANT SELECT ON customers TO reporting"
    ),
    (
      "of a column, by the new owner",
      """
      GRANT UPDATE (name) ON customers TO successor WITH GRANT OPTION;
      SET ROLE successor;
      GRANT UPDATE (name) ON customers TO readonly
      """
    ),
  ]

  @Test(
    "come back with their grantor, and take no other privilege away",
    arguments: [ServerName.pg15RDS, .pg18RDS, .pg16Stock], grants)
  func roundTrip(on server: ServerName, grant: (title: String, statements: String)) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      try await database.psql(
        """
        CREATE ROLE successor NOLOGIN;
        GRANT USAGE ON SCHEMA public TO successor;
        \(grant.statements)
        """)
      try await database.expectRoundTrip(["--iam-user", "iamuser", "--owner-role", "successor"])
    }
  }
}
