internal import Postgres

/// A membership that lasts while objects change hands one after the other.
///
/// Some of them belong to the old owner by then and some to the new one, and without it nobody could work on all of
/// them. It begins with the first transaction and ends with the last one: the one in which the IAM user comes to be able
/// to sign in, or, going back, ceases to.
public struct InterimMembership: Sendable, Hashable {
  var role: Identifier
  var member: Identifier

  /// What a change does to it.
  enum Phase: Sendable { case begins, ends }

  /// For people.
  public var text: String { "\(member.display) is a member of \(role.display)" }

  /// - Parameter until: until when it lasts, for people.
  func beginning(until: String, _ server: ServerFacts) -> Change {
    var change = Change(
      step: .ownerRole, sign: .add, kind: "member", object: "\(member.display) of \(role.display)",
      to: "until \(until)",
      action: .grantRole(role: role, member: member, explicitOptions: server.hasMembershipOptions))
    change.interim = .begins
    return change
  }

  /// - Parameter end: what has come about by then, for people.
  func end(when end: String, _ server: ServerFacts) -> Change {
    let row = MembershipRow(role: role.name, member: member.name, grantor: server.user, admin: false)
    var change = Change(
      step: .rdsIAM, sign: .remove, kind: "member", object: "\(member.display) of \(role.display)",
      to: "now that \(end)",
      action: .restoreMembership(row, to: nil, role: role, member: member))
    change.interim = .ends
    return change
  }
}

extension InterimMembership {
  /// Those of them that the server has, for people.
  static func texts(
    _ memberships: some Collection<InterimMembership>, _ server: ServerFacts, _ session: Session
  ) async throws -> [String] {
    guard !memberships.isEmpty else { return [] }
    let rows = try await MembershipRow.all(explicitOptions: server.hasMembershipOptions, session)
    return memberships.filter { membership in
      rows.contains { $0.role == membership.role.name && $0.member == membership.member.name }
    }.map(\.text).sorted()
  }
}

extension Change {
  /// The interim membership that it begins or ends.
  var interimMembership: InterimMembership? {
    guard interim != nil else { return nil }
    switch action {
    case .grantRole(let role, let member, _), .restoreMembership(_, _, let role, let member):
      return InterimMembership(role: role, member: member)
    default: return nil
    }
  }
}

extension Plan {
  /// Interim memberships that are in force by the end of the plan's other changes, unless they are ended with it.
  public var interimMemberships: [InterimMembership] {
    var seen: Set<InterimMembership> = []
    return changes.compactMap(\.interimMembership).filter { seen.insert($0).inserted }
  }

  /// The IAM user would lead their members into rds_iam.
  var leadsToIAM: Bool { interimMemberships.contains { $0.role.name == request.iamUser } }

  /// Ends with this plan, the last one, what the plans for other databases begin.
  public mutating func endInterims(of earlier: some Sequence<Plan>) {
    let own = Set(changes.filter { $0.interim == .ends }.compactMap(\.interimMembership))
    var ends: [Change] = []
    var seen = own
    for membership in earlier.flatMap(\.interimMemberships) where seen.insert(membership).inserted {
      let when = InterimAccess.end(request, signsIn: !changes.contains(where: \.grantsIAM)).when
      ends.append(membership.end(when: when, server))
    }
    let place = changes.firstIndex { $0.step == .rdsIAM } ?? changes.endIndex
    changes.insert(contentsOf: ends, at: place)
  }
}
