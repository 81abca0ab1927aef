/// One line of `pg_hba_file_rules`, https://www.postgresql.org/docs/current/view-pg-hba-file-rules.html
struct HBARule: Decodable, Sendable, Hashable {
  let lineNumber: Int
  let type: String
  let database: [String]
  let userName: [String]
  let address: String?
  /// Whether the client's address lies in it, as the server worked it out; nil for a host name.
  let contains: Bool?
  let authMethod: String

  /// A connection as the server sees it.
  struct Connection: Sendable, Hashable {
    let user: String
    let database: String
    /// The roles that the user is in, whatever the options of the memberships.
    let roles: Set<String>
    let isEncrypted: Bool
  }

  /// Whether this line is the one for a connection, as `hba.c` decides.
  func matches(_ connection: Connection) -> Bool {
    switch type {
    // Kerberos encryption is never used here.
    case "host", "hostnogssenc": break
    case "hostssl": if !connection.isEncrypted { return false }
    case "hostnossl": if connection.isEncrypted { return false }
    default: return false
    }
    guard contains ?? (address == "all") else { return false }
    let isForDatabase = database.contains { name in
      switch name {
      case "all": true
      case "sameuser": connection.database == connection.user
      case "samerole", "samegroup":
        connection.roles.contains(connection.database) || connection.database == connection.user
      case "replication": false
      default: name == connection.database
      }
    }
    let isForUser = userName.contains { name in
      if name == "all" { return true }
      if name.hasPrefix("+") {
        let role = String(name.dropFirst())
        return connection.roles.contains(role) || role == connection.user
      }
      return name == connection.user
    }
    return isForDatabase && isForUser
  }

  /// The line as the file might have it.
  var text: String {
    "line \(lineNumber): \(type) \(database.joined(separator: ",")) \(userName.joined(separator: ",")) "
      + "\(address ?? "") \(authMethod)"
  }
}
