internal import Postgres

extension JournaledChange {
  /// What has to be remembered of a change, given how things are before it; nil for changes that undo.
  init?(_ change: Change, _ state: FormerState) {
    switch change.action {
    case .createRole(let role, _):
      self.init(undo: .dropRole, object: change.object, role: role.name, roleOID: state.roleOIDs[role.name])
    case .grantRole(let role, let member, _):
      let rows = state.memberships.filter { $0.role == role.name && $0.member == member.name }
      self.init(
        undo: .revokeRole, object: change.object, role: role.name, member: member.name,
        memberships: rows.isEmpty ? nil : rows, owners: state.owners(among: [role.name, member.name]),
        interim: change.interim == .begins ? true : nil)
    case .restoreMembership(_, _, let role, let member) where change.interim == .ends:
      self.init(undo: .ended, object: change.object, role: role.name, member: member.name)
    case .setLoginRole(let member, let database, let role, let previous):
      self.init(
        undo: .loginRole, object: database.name, from: previous, to: role.name, member: member.name)
    case .alterOwner(let object, let owner):
      self.init(
        undo: .owner, object: change.object, catalog: object.catalog, oid: object.oid,
        from: state.owner(of: object) ?? object.owner, to: owner.name,
        definition: state.definition(of: object),
        access: state.access(of: object).flatMap { $0 == FormerAccess() ? nil : $0 })
    case .grant(let privileges, let object, let role):
      let isUsual = privileges == (object.catalog == .database ? "CONNECT" : "ALL")
      self.init(
        undo: .access, object: change.object, catalog: object.catalog, oid: object.oid,
        from: state.owner(of: object), to: role.name,
        access: state.access(of: object).flatMap { $0 == FormerAccess() ? nil : $0 },
        privileges: isUsual ? nil : privileges)
    case .grantByDefault(let privilege, let owner):
      self.init(
        undo: .defaultPrivilege, object: change.object,
        privilege: JournaledPrivilege(
          owner: owner.name, schema: privilege.schema?.name, objects: privilege.objects,
          privilege: privilege.privilege, grantee: privilege.grantee?.name, grantable: privilege.grantable,
          revoked: privilege.revoked ? true : nil, existing: state.holdings[privilege]))
    case .dropRole, .restoreMembership, .resetLoginRole, .restoreAccess, .revokeByDefault:
      return nil
    }
  }
}
