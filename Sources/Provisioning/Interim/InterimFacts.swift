internal import Postgres

/// What decides who may have an interim membership while apply moves what they own.
public struct InterimFacts: Sendable {
  /// Those that earlier runs have begun and not ended.
  var inForce: Set<InterimMembership> = []
  /// Old owners as which somebody can log in, or as whose member.
  var owners: Set<String> = []
  /// The roles that together have what the new owner has by the end of the move.
  var powers: Set<String> = []
  /// For the old owners and the IAM user: whose privileges, among these roles and the new owner's, they have.
  var reach: [String: Set<String>] = [:]
  /// For the old owners: schemas that move and in which they may create.
  var creates: [String: Set<String>] = [:]
  /// Roles that own something, or may use it, where this move does not reach.
  var rolesWithMore: Set<String> = []

  public init() {}

  /// An earlier run of setup has made it, for as long as the move lasts.
  func isInForce(_ role: String, _ member: String) -> Bool {
    inForce.contains { $0.role.name == role && $0.member.name == member }
  }
}

extension CatalogSnapshot {
  /// Who is a member of the new owner for the time of the move alone.
  var interimMembers: Set<String> {
    let members = interim.inForce.filter { $0.role == newOwner }.map(\.member.name)
    return Set(members).union(members.flatMap { graph.allMembers(of: $0) })
  }
}
