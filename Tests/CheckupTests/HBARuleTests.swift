import Testing

@testable import Checkup

/// Lines of pg_hba.conf and the connections that they are for, as hba.c decides.
@Suite("A line of pg_hba.conf")
struct HBARuleTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let type: String
    let databases: [String]
    let users: [String]
    let address: String?
    let contains: Bool?
    let isEncrypted: Bool
    let matches: Bool

    init(
      _ description: String, type: String = "host", databases: [String] = ["all"], users: [String] = ["all"],
      address: String? = "10.0.0.0", contains: Bool? = true, isEncrypted: Bool = true, _ matches: Bool
    ) {
      (testDescription, self.type, self.databases, self.users) = (description, type, databases, users)
      (self.address, self.contains, self.isEncrypted, self.matches) = (
        address, contains, isEncrypted, matches
      )
    }
  }

  static let rows: [Row] = [
    Row("host is for connections with TLS", true),
    Row("host is for connections without TLS", isEncrypted: false, true),
    Row("hostssl is for connections with TLS", type: "hostssl", true),
    Row("hostssl is not for connections without", type: "hostssl", isEncrypted: false, false),
    Row("hostnossl is for connections without TLS", type: "hostnossl", isEncrypted: false, true),
    Row("hostnossl is not for connections with TLS", type: "hostnossl", false),
    Row("hostgssenc is for Kerberos", type: "hostgssenc", false),
    Row("hostnogssenc is for every connection without Kerberos", type: "hostnogssenc", true),
    Row("local is for sockets", type: "local", address: nil, contains: nil, false),
    Row("another address", contains: false, false),
    Row("a host name that the server did not compare", address: "app.example.com", contains: nil, false),
    Row("every address", address: "all", contains: true, true),
    Row("every address, not worked out", address: "all", contains: nil, true),
    Row("a user by name", users: ["app"], true),
    Row("one user of several", users: ["other", "app"], true),
    Row("another user", users: ["other"], false),
    Row("a user's name has case", users: ["App"], false),
    Row("a group that the user is in", users: ["+rds_iam"], true),
    Row("a group that the user is in through another", users: ["+staff"], true),
    Row("a group that the user is not in", users: ["+rds_ad"], false),
    Row("a role is in its own group", users: ["+app"], true),
    Row("a database by name", databases: ["shop"], true),
    Row("another database", databases: ["orders"], false),
    Row("the user's own database is another", databases: ["sameuser"], false),
    Row("the database of a role that the user is in", databases: ["samerole"], true),
    Row("the same by its old name", databases: ["samegroup"], true),
    Row("replication is no database", databases: ["replication"], false),
    Row("replication beside the database", databases: ["replication", "shop"], true),
  ]

  @Test("is for a connection, or not", arguments: rows)
  func matching(_ row: Row) {
    let rule = HBARule(
      lineNumber: 7, type: row.type, database: row.databases, userName: row.users, address: row.address,
      contains: row.contains, authMethod: "pam")
    let connection = HBARule.Connection(
      user: "app", database: "shop", roles: ["staff", "rds_iam", "shop"], isEncrypted: row.isEncrypted)
    #expect(rule.matches(connection) == row.matches)
  }

  @Test("sameuser is for a database of the user's name")
  func sameUser() {
    let rule = HBARule(
      lineNumber: 7, type: "host", database: ["sameuser"], userName: ["all"], address: "all",
      contains: true,
      authMethod: "md5")
    #expect(rule.matches(HBARule.Connection(user: "app", database: "app", roles: [], isEncrypted: true)))
  }

  @Test("its text is the line as a file has it")
  func text() {
    let rule = HBARule(
      lineNumber: 7, type: "hostssl", database: ["all"], userName: ["+rds_iam", "app"], address: "10.0.0.0",
      contains: true, authMethod: "pam")
    #expect(rule.text == "line 7: hostssl all +rds_iam,app 10.0.0.0 pam")
  }
}
