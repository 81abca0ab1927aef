internal import AccessModel
internal import Postgres

/// A membership that a plan borrows, as statements.
public struct MembershipLoan: Sendable {
  public var role: String
  public var take: String
  public var giveBack: String
}

/// Changes that are committed together.
public struct PlannedTransaction: Sendable {
  public var changes: [Change]
  public var loans: [MembershipLoan]

  /// Roles have to exist before they can be lent.
  public var beforeLoans: [Change] { changes.filter { !$0.needsLoan } }
  public var underLoans: [Change] { changes.filter(\.needsLoan) }

  /// What has to hold before it is committed: what acts with its owner's privileges is what the plan has read.
  public var judgements: [String] { ObjectIdentity.judgements(changes) }

  /// It makes somebody a member of a role.
  public var addsMemberships: Bool { changes.contains(where: \.addsMembership) }
  /// Takes back the memberships that it adds.
  public var revocations: [String] {
    changes.compactMap { change in
      guard case .grantRole(let role, let member, _) = change.action else { return nil }
      return "REVOKE \(role.quoted) FROM \(member.quoted)"
    }
  }
  /// Interim memberships that it ends and that go on when the IAM user does not sign in after all: the role, and what
  /// grants it.
  public var resumptions: [(role: String, statement: String)] {
    changes.compactMap { change in
      guard change.interim == .ends, let membership = change.interimMembership else { return nil }
      let (role, member) = (membership.role, membership.member)
      return (role.name, Action.grantRole(role: role, member: member, explicitOptions: false).sql)
    }
  }
}

extension Plan {
  /// The transactions of apply, in its order, each within the lock budget.
  public func transactions() -> [PlannedTransaction] {
    let budget = LockBudget(server: server, request: request)
    let batches = StepID.together.flatMap { steps -> [ArraySlice<Change>] in
      let changes = self.changes.filter { steps.contains($0.step) }
      guard steps == [.ownership] else { return changes.isEmpty ? [] : [changes[...]] }
      return (0...2).flatMap { containment in
        budget.batches(of: changes.filter { $0.containment == containment }[...])
      }
    }
    return batches.map { batch in
      var needed = Set(batch.flatMap(\.rolesNeeded))
      if needed.contains("pg_database_owner") { needed.insert(server.databaseOwner) }
      return PlannedTransaction(changes: Array(batch), loans: loans.filter { needed.contains($0.role) })
    }
  }

  /// The lock timeout in milliseconds, as the server takes it.
  public var lockTimeoutMilliseconds: Int { request.lockTimeout.milliseconds }
}

extension StepID {
  /// Steps whose changes share a transaction, in order.
  static let together: [[StepID]] = [
    // What is created meanwhile is open to both sides already.
    [.iamUser, .ownerRole, .privileges], [.defaultPrivileges], [.ownership], [.rdsIAM],
  ]
}

extension Change {
  /// Roles without whose privileges the operator could not make this change.
  var rolesNeeded: [String] {
    switch action {
    case .alterOwner(let object, let owner): [object.owner, owner.name]
    case .grant(_, let object, _) where step == .privileges || object.kind != .database:
      [grantor ?? object.owner]
    case .restoreAccess(let object): [object.owner]
    case .grantByDefault(_, let owner), .revokeByDefault(_, let owner): [owner.name]
    default: []
    }
  }
}

extension LockoutGuard {
  /// A query for scripts whose rows are those who would be locked out.
  var lockedOut: String {
    let names = expected.sorted().map { SQLText.literal($0, .script) }
    let role = SQLText.literal(rdsIAMRole, .script)
    return """
      WITH RECURSIVE inside(oid) AS (
            SELECT a.member FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid WHERE r.rolname = \(role)
            UNION SELECT a.member FROM pg_auth_members a JOIN inside i ON a.roleid = i.oid)
          SELECT FROM pg_roles JOIN inside USING (oid)
          WHERE rolcanlogin AND NOT rolsuper AND rolname <> ALL (ARRAY[\(names.joined(separator: ", "))]::name[])
      """
  }
}
