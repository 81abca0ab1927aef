internal import Postgres

/// Which owners had, before the move, the power that the new owner has after it.
///
/// The code and the queries of such an owner gain nothing by running as the new owner.
struct OwnerReach: Sendable {
  /// Owners whose reach is asked for.
  let candidates: Set<String>
  /// The roles whose privileges together are the new owner's: the owners of what moves and of what it has already.
  let powers: Set<String>

  /// The same for what earlier runs moved: what is new to the new owner counts alone.
  private init(candidates: Set<String>, powers: Set<String>) {
    self.candidates = candidates
    self.powers = powers
  }

  func additions(to holdings: Set<String>, _ taken: [OwnerRights]) -> OwnerReach {
    OwnerReach(
      candidates: Set(taken.lazy.flatMap { [$0.object.owner] + $0.sources.map(\.owner) }),
      powers: powers.subtracting(holdings))
  }

  /// - Parameter holdings: whose objects the new owner may use already.
  init(_ snapshot: CatalogSnapshot, holdings: Set<String>) {
    let code = Set(
      snapshot.ownerRights.lazy.filter { $0.means != .query && $0.runsCode }.map { ObjectKey($0.object) })
    var powers = holdings
    var owners: Set<String> = []
    for object in snapshot.objects where Self.carriesPower(object) {
      guard OwnershipStep.mayMove(owner: object.owner, snapshot) else { continue }
      owners.insert(object.owner)
      if !code.contains(ObjectKey(object)) { powers.insert(object.owner) }
    }
    self.powers = powers
    candidates = owners.union(snapshot.attachedCode.lazy.map(\.codeOwner)).union(
      snapshot.ownerRights.lazy.flatMap(\.sources).map(\.owner))
  }

  /// Owning it gives access to data, or to code that acts for others.
  static func carriesPower(_ object: ObjectFacts) -> Bool {
    switch object.catalog {
    case .relation, .routine, .largeObject, .foreignServer: true
    default: false
    }
  }

  /// Roles that the operator has named to act as the new owner, or to keep all of its privileges on what moves.
  static func named(_ snapshot: CatalogSnapshot, _ request: SetupRequest) -> Set<String> {
    snapshot.actAsNewOwner.union(request.keepAccess).union([request.iamUser, snapshot.newOwner.name])
  }
}

/// An object's place in the catalogs.
struct ObjectKey: Hashable, Sendable {
  var catalog: OwnedCatalog
  var oid: UInt32

  init(catalog: OwnedCatalog, oid: UInt32) {
    self.catalog = catalog
    self.oid = oid
  }

  init(_ object: ObjectFacts) {
    self.init(catalog: object.catalog, oid: object.oid)
  }
}
