import Testing

@testable import Provisioning

@Suite("Names of roles on the command line")
struct RoleNameTests {
  private func refusal(_ change: (inout SetupRequest) -> Void) -> String? {
    var request = SetupRequest(iamUser: "iamuser")
    change(&request)
    do {
      try request.checkNames()
      return nil
    } catch let problem as SetupProblem {
      return problem.kind == .usage ? problem.id : "not a usage error: \(problem.id)"
    } catch {
      return "\(error)"
    }
  }

  /// A flag that takes a role's name.
  enum Flag: CaseIterable {
    case iamUser, ownerRole, keepAccess, rdsIAMRole

    func set(_ name: String, in request: inout SetupRequest) {
      switch self {
      case .iamUser: request.iamUser = name
      case .ownerRole: request.mode = .ownerRole(name: name, mayCreate: true)
      case .keepAccess: request.keepAccess = [name]
      case .rdsIAMRole: request.rdsIAMRole = name
      }
    }
  }

  @Test(
    "words that PostgreSQL takes for no role are none", arguments: Flag.allCases,
    ["public", "PUBLIC", "none", "None"])
  func neverNames(flag: Flag, name: String) {
    #expect(refusal { flag.set(name, in: &$0) } == "name-reserved")
  }

  @Test("empty and too long names are refused", arguments: Flag.allCases)
  func lengths(flag: Flag) {
    #expect(refusal { flag.set("", in: &$0) } == "name-empty")
    #expect(refusal { flag.set(String(repeating: "a", count: 64), in: &$0) } == "name-too-long")
    #expect(refusal { flag.set(String(repeating: "a", count: 63), in: &$0) } == nil)
  }

  @Test(
    "names that need quotes are names", arguments: Flag.allCases,
    ["Select", "a b", "\"", "Ünï", "1", "public2"])
  func quoted(flag: Flag, name: String) {
    #expect(refusal { flag.set(name, in: &$0) } == nil)
  }

  @Test(
    "names of the system's own roles are refused", arguments: [Flag.iamUser, .ownerRole, .rdsIAMRole],
    ["pg_app", "rds_superuser", "rdsadmin", "azure_pg_admin"])
  func systemNames(flag: Flag, name: String) {
    #expect(refusal { flag.set(name, in: &$0) } == "name-reserved")
  }

  @Test("roles that are the same where they have to be two")
  func same() {
    #expect(refusal { $0.mode = .ownerRole(name: "iamuser", mayCreate: true) } == "owner-role-is-iam-user")
    #expect(
      refusal {
        $0.mode = .ownerRole(name: "tokens", mayCreate: true)
        $0.rdsIAMRole = "tokens"
      } == "owner-role-is-rds-iam")
    #expect(refusal { $0.rdsIAMRole = "iamuser" } == "iam-user-is-rds-iam")
    #expect(refusal { $0.keepAccess = ["iamuser"] } == "keep-access-iam-user")
    #expect(refusal { $0.keepAccess = ["rds_iam"] } == "keep-access-rds-iam")
    #expect(
      refusal {
        $0.keepAccess = ["tokens"]
        $0.rdsIAMRole = "tokens"
      } == "keep-access-rds-iam")
    #expect(
      refusal {
        $0.mode = .ownerRole(name: "owner", mayCreate: true)
        $0.keepAccess = ["owner"]
      } == "keep-access-owner-role")
    #expect(refusal { $0.keepAccess = ["pg_monitor"] } == "name-reserved")
  }

  @Test("nothing is given twice")
  func twice() {
    #expect(refusal { $0.keepAccess = ["a", "b", "a"] } == "given-twice")
    #expect(refusal { $0.schemas = .named(["a", "a"]) } == "given-twice")
    #expect(refusal { $0.keepAccess = ["a", "A"] } == nil)
  }
}

@Suite("Names of roles, and what the server knows of them")
struct KnownRoleTests {
  private func refusal(_ snapshot: CatalogSnapshot, _ request: SetupRequest) -> String? {
    do {
      for step in SetupSteps.all { _ = try step.outcome(of: snapshot, for: request) }
      return nil
    } catch let problem as SetupProblem {
      return problem.kind == .usage ? problem.id : "not a usage error: \(problem.id)"
    } catch {
      return "\(error)"
    }
  }

  @Test(
    "a keyword is a role's name where such a role exists, and a mistake elsewhere",
    arguments: ["user", "CURRENT_USER"])
  func keywords(word: String) {
    var request = SetupRequest(iamUser: "iamuser")
    request.keepAccess = [word]
    var snapshot = Snapshots.fresh(request)
    #expect(refusal(snapshot, request) == "name-reserved")
    snapshot.roles[word] = Snapshots.role(word)
    #expect(refusal(snapshot, request) == nil)
    for request in [SetupRequest(iamUser: word)] {
      #expect(refusal(Snapshots.fresh(request), request) == "name-reserved")
    }
  }

  @Test("the default owner role may be the IAM user's name, or somebody's who keeps access")
  func defaultOwner() {
    let same = SetupRequest(iamUser: "app_owner")
    #expect(refusal(Snapshots.fresh(same), same) == "owner-role-is-iam-user")
    var kept = SetupRequest(iamUser: "iamuser")
    kept.keepAccess = ["app_owner"]
    var snapshot = Snapshots.fresh(kept)
    snapshot.roles["app_owner"] = Snapshots.role("app_owner", login: false)
    #expect(refusal(snapshot, kept) == "keep-access-owner-role")
  }

  @Test("the master is no owner role, and a superuser keeps access anyway")
  func master() {
    var request = SetupRequest(iamUser: "iamuser")
    request.mode = .ownerRole(name: "postgres", mayCreate: false)
    #expect(refusal(Snapshots.fresh(request), request) == "owner-role-is-master")
    request.mode = .ownerRole(name: nil, mayCreate: true)
    request.keepAccess = ["root"]
    #expect(refusal(Snapshots.fresh(request), request) == "keep-access-superuser")
    request.keepAccess = ["postgres"]
    #expect(refusal(Snapshots.fresh(request), request) == nil)
  }

  @Test("a system's group does not keep access; a login that is only named like one does")
  func systemGroups() {
    var request = SetupRequest(iamUser: "iamuser")
    request.keepAccess = ["rds_superuser"]
    var snapshot = Snapshots.fresh(request)
    snapshot.roles["rds_superuser"] = Snapshots.role("rds_superuser", login: false)
    #expect(refusal(snapshot, request) == "name-reserved")
    request.keepAccess = ["rdsapp"]
    snapshot.roles["rdsapp"] = Snapshots.role("rdsapp")
    #expect(refusal(snapshot, request) == nil)
  }
}

@Suite("An owner role that exists")
struct ExistingOwnerRoleTests {
  private func guards(_ change: (inout RoleFacts, inout CatalogSnapshot) -> Void) throws -> [String] {
    var request = SetupRequest(iamUser: "iamuser")
    request.mode = .ownerRole(name: "team", mayCreate: false)
    request.keepAccess = ["app_old"]
    var snapshot = Snapshots.fresh(request)
    var role = Snapshots.role("team", login: false)
    change(&role, &snapshot)
    snapshot.roles["team"] = role
    return try OwnerRoleStep.outcome(of: snapshot, for: request).guards.map { "\($0.id) \($0.status)" }
  }

  @Test("without power it is taken as it is")
  func harmless() throws {
    #expect(try guards { _, _ in } == [])
  }

  @Test("power of its own is a failed guard that names it")
  func power() throws {
    #expect(try guards { role, _ in role.canCreateRoles = true } == ["owner-role-power fail"])
    #expect(try guards { role, _ in role.canCreateDatabases = true } == ["owner-role-power fail"])
    #expect(try guards { role, _ in role.canReplicate = true } == ["owner-role-power fail"])
    #expect(try guards { role, _ in role.bypassesRowSecurity = true } == ["owner-role-power fail"])
    #expect(try guards { role, _ in role.canLogin = true } == ["owner-role-login fail"])
  }

  @Test("so is power of a role that it is a member of, however indirectly")
  func memberships() throws {
    for name in ["rds_superuser", "pg_read_server_files", "pg_write_all_data", "root"] {
      let found = try guards { _, snapshot in
        snapshot.graph.add("team", to: "admins")
        snapshot.graph.add("admins", to: name)
      }
      #expect(found == ["owner-role-member warn", "owner-role-power fail"], "\(name)")
    }
    #expect(
      try guards { _, snapshot in snapshot.graph.add("team", to: "pg_monitor") } == ["owner-role-member warn"]
    )
  }

  @Test(
    "a member of who has to become its member goes round in a circle",
    arguments: ["iamuser", "app_old", "postgres"])
  func circles(member: String) throws {
    let found = try guards { _, snapshot in
      snapshot.graph.add("team", to: "between")
      snapshot.graph.add("between", to: member)
    }
    #expect(found.contains("owner-role-circle fail"), "\(found)")
  }
}
