extension TestDatabase {
  /// Owns the tables of `fill(tables:)`; unlike other roles of a test it stays for the next one.
  static let ownerOfManyTables = "many_tables_owner"

  /// Replaces the database by one with many tables `t1`, `t2`, …, each with an identity column, a primary key and TOAST.
  ///
  /// Building them takes seconds, so that they are built once a server and copied.
  func fill(tables count: Int) async throws {
    let template = "many_tables_\(count)"
    let known = try await server.psql("SELECT count(*) FROM pg_database WHERE datname = '\(template)'")
    if known == "0" {
      try await server.psql("CREATE DATABASE \(template)_draft OWNER \(server.master.user)")
      try await build(tables: count, in: "\(template)_draft")
      // Nobody can connect to it, and so no setup of all databases finds it.
      try await server.psql(
        """
        ALTER DATABASE \(template)_draft RENAME TO \(template);
        ALTER DATABASE \(template) ALLOW_CONNECTIONS false;
        """)
    }
    try await server.psql(
      """
      DROP DATABASE \(name);
      CREATE DATABASE \(name) OWNER \(server.master.user) TEMPLATE \(template);
      """)
  }

  /// Creates the tables, in two sessions at once.
  func build(tables count: Int, in database: String) async throws {
    try await server.psql(
      """
      SELECT 'CREATE ROLE \(Self.ownerOfManyTables) LOGIN PASSWORD ''not used'''
      WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '\(Self.ownerOfManyTables)') \\gexec
      GRANT ALL ON SCHEMA public TO \(Self.ownerOfManyTables);
      """, database: database)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for half in [1...(count / 2), (count / 2 + 1)...count] {
        group.addTask {
          // Each statement within what one transaction may lock.
          for first in stride(from: half.lowerBound, through: half.upperBound, by: 250) {
            try await server.psql(
              """
              SET synchronous_commit = off;
              SET ROLE \(Self.ownerOfManyTables);
              DO $$ BEGIN FOR i IN \(first)..\(min(first + 249, half.upperBound)) LOOP
                EXECUTE format('CREATE TABLE t%s (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text)', i);
              END LOOP; END $$;
              """, database: database)
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
