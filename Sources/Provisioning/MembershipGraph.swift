/// Who is a member of whom, as `pg_auth_members` has it.
///
/// pg_hba's `+role` follows every edge, whatever its ADMIN, INHERIT and SET options say, and does not match
/// superusers: https://www.postgresql.org/docs/current/auth-pg-hba-conf.html
public struct MembershipGraph: Sendable {
  /// Direct members of each role, in the order in which they were added.
  private var members: [String: [String]] = [:]

  public init(edges: some Sequence<(role: String, member: String)> = []) {
    for edge in edges { add(edge.member, to: edge.role) }
  }

  public mutating func add(_ member: String, to role: String) {
    members[role, default: []].append(member)
  }

  public func isMember(_ member: String, of role: String) -> Bool {
    path(from: member, to: role) != nil
  }

  public func directMembers(of role: String) -> [String] { members[role] ?? [] }

  /// Every direct and indirect member of a role.
  public func allMembers(of role: String) -> Set<String> {
    var found: Set<String> = []
    var queue = [role]
    while let next = queue.popLast() {
      for member in members[next] ?? [] where member != role && found.insert(member).inserted {
        queue.append(member)
      }
    }
    return found
  }

  /// Every role that a role is a direct or indirect member of.
  public func roles(of member: String) -> Set<String> {
    var found: Set<String> = []
    var queue = [member]
    while let next = queue.popLast() {
      for (role, members) in members where role != member && members.contains(next) {
        if found.insert(role).inserted { queue.append(role) }
      }
    }
    return found
  }

  /// The shortest chain of memberships, for example `[master, iamuser, rds_iam]`, or nil.
  public func path(from member: String, to role: String) -> [String]? {
    var next: [String: String] = [:]
    var queue = [role]
    var position = 0
    while position < queue.count {
      let current = queue[position]
      position += 1
      for candidate in members[current] ?? [] where candidate != role && next[candidate] == nil {
        next[candidate] = current
        if candidate == member {
          var path = [member]
          while let step = next[path[path.count - 1]] { path.append(step) }
          return path
        }
        queue.append(candidate)
      }
    }
    return nil
  }
}
