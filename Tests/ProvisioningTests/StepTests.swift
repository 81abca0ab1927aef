import Testing

@testable import Provisioning

@Suite("Steps")
struct StepTests {
  private func sql(_ step: any SetupStep.Type, _ snapshot: CatalogSnapshot, _ request: SetupRequest) throws
    -> [String]
  {
    try step.outcome(of: snapshot, for: request).changes.map(\.sql)
  }

  private func refusal(_ snapshot: CatalogSnapshot, _ request: SetupRequest) -> String? {
    problem(snapshot, request)?.id
  }

  private func problem(_ snapshot: CatalogSnapshot, _ request: SetupRequest) -> SetupProblem? {
    do {
      for step in SetupSteps.all { _ = try step.outcome(of: snapshot, for: request) }
      return nil
    } catch {
      return error as? SetupProblem
    }
  }

  @Test("on a fresh server the IAM user and its owner role are created, rds_iam comes last")
  func fresh() throws {
    let request = SetupRequest(iamUser: "iamuser")
    let all = try SetupSteps.all.flatMap { try sql($0, Snapshots.fresh(request), request) }
    #expect(
      all == [
        #"CREATE ROLE "iamuser" LOGIN"#, #"CREATE ROLE "app_owner" NOLOGIN"#,
        #"GRANT "app_owner" TO "iamuser""#,
        #"ALTER ROLE "iamuser" IN DATABASE "app" SET role = "app_owner""#, #"GRANT "rds_iam" TO "iamuser""#,
      ])
  }

  @Test("from PostgreSQL 16 on, memberships say INHERIT and SET")
  func options() throws {
    let request = SetupRequest(iamUser: "iamuser")
    var snapshot = Snapshots.fresh(request)
    snapshot.server.version = 160_002
    let statements = try sql(OwnerRoleStep.self, snapshot, request)
    #expect(statements.contains(#"GRANT "app_owner" TO "iamuser" WITH INHERIT TRUE, SET TRUE"#))
  }

  @Test("direct mode has no owner role: the IAM user owns the objects")
  func direct() throws {
    var request = SetupRequest(iamUser: "iamuser")
    request.mode = .direct
    var snapshot = Snapshots.fresh(request)
    snapshot.objects = [Snapshots.table("orders")]
    #expect(try sql(OwnerRoleStep.self, snapshot, request).isEmpty)
    #expect(
      try sql(OwnershipStep.self, snapshot, request) == [
        #"ALTER TABLE "public"."orders" OWNER TO "iamuser""#
      ])
  }

  @Test("in direct mode access that is kept is granted right behind the change of owner")
  func kept() throws {
    var request = SetupRequest(iamUser: "iamuser")
    request.mode = .direct
    request.keepAccess = ["app_old"]
    var snapshot = Snapshots.fresh(request)
    let orders = Snapshots.table("orders", oid: 1)
    let items = Snapshots.table("items", oid: 2)
    snapshot.objects = [orders, items]
    snapshot.missingAccess = [.init(object: orders, role: "app_old"), .init(object: items, role: "app_old")]
    #expect(
      try sql(OwnershipStep.self, snapshot, request) == [
        #"ALTER TABLE "public"."orders" OWNER TO "iamuser""#,
        #"GRANT ALL ON TABLE "public"."orders" TO "app_old""#,
        #"ALTER TABLE "public"."items" OWNER TO "iamuser""#,
        #"GRANT ALL ON TABLE "public"."items" TO "app_old""#,
      ])
  }

  @Test("a superuser's object is skipped by everybody else, with the statement that would move it")
  func untouchable() throws {
    let request = SetupRequest(iamUser: "iamuser")
    var snapshot = Snapshots.fresh(request)
    snapshot.objects = [Snapshots.table("theirs", owner: "root")]
    let outcome = try OwnershipStep.outcome(of: snapshot, for: request)
    #expect(outcome.changes.isEmpty)
    #expect(outcome.skipped.map(\.object) == ["public.theirs"])
    #expect(outcome.skipped[0].fix?.contains(#"ALTER TABLE "public"."theirs" OWNER TO "app_owner""#) == true)
    snapshot.server.isSuperuser = true
    #expect(try OwnershipStep.outcome(of: snapshot, for: request).changes.count == 1)
  }

  @Test("a login that loses its objects is named, with the flag that keeps its access")
  func losing() throws {
    var request = SetupRequest(iamUser: "iamuser")
    var snapshot = Snapshots.fresh(request)
    snapshot.objects = [Snapshots.table("orders")]
    #expect(
      try OwnershipStep.outcome(of: snapshot, for: request).losses.contains {
        $0.text.contains("--keep-access app_old")
      })
    request.keepAccess = ["app_old"]
    #expect(
      try !OwnershipStep.outcome(of: snapshot, for: request).losses.contains { $0.kind == .ownership })
  }

  @Test(
    "an IAM user that cannot work is refused by name",
    arguments: [
      ("iam-user-nologin", Snapshots.role("iamuser", login: false)),
      ("iam-user-superuser", Snapshots.role("iamuser", superuser: true)),
      ("iam-user-valid-until", Snapshots.role("iamuser", until: "2030-01-01 00:00:00+00")),
      ("iam-user-connection-limit", Snapshots.role("iamuser", limit: 5)),
      ("iam-user-password", Snapshots.role("iamuser", password: true)),
      ("iam-user-password-unknown", Snapshots.role("iamuser")),
    ])
  func unfit(id: String, role: RoleFacts) {
    let request = SetupRequest(iamUser: "iamuser")
    var snapshot = Snapshots.fresh(request)
    snapshot.roles["iamuser"] = role
    #expect(refusal(snapshot, request) == id)
  }

  @Test("an existing IAM user whose password nobody may see is taken when the operator says so")
  func adopted() {
    var request = SetupRequest(iamUser: "iamuser")
    request.adoptIAMUser = true
    var snapshot = Snapshots.fresh(request)
    snapshot.roles["iamuser"] = Snapshots.role("iamuser")
    #expect(refusal(snapshot, request) == nil)
  }

  @Test(
    "a name that cannot be the IAM user's is refused",
    arguments: [
      ("pg_app", "name-reserved"), ("rds_app", "name-reserved"), ("rdsuser", "name-reserved"),
      ("", "name-empty"),
      ("postgres", "iam-user-is-master"), (String(repeating: "é", count: 32), "name-too-long"),
    ])
  func names(name: String, id: String) {
    let request = SetupRequest(iamUser: name)
    #expect(refusal(Snapshots.fresh(request), request) == id)
  }

  @Test(
    "a database whose name makes no owner role's asks for one, and speaks of no flag that was not given",
    arguments: [
      (String(repeating: "x", count: 63), "is 69 bytes long"), ("rdsapp", "begin with rds"),
      ("pg_app", "begin with pg_"),
    ])
  func databaseName(name: String, reason: String) throws {
    var request = SetupRequest(iamUser: "iamuser")
    let unnamed = try #require(problem(Snapshots.fresh(request, database: name), request))
    #expect(unnamed.kind == .usage)
    #expect(unnamed.message.contains("\(name)_owner") && unnamed.message.contains(reason), "\(unnamed)")
    #expect(!"\(unnamed.message) \(unnamed.why ?? "")".contains("--owner-role"), "\(unnamed)")
    #expect(unnamed.fix == "--owner-role NAME --create-owner-role")
    request.mode = .ownerRole(name: "lo", mayCreate: false)
    let named = try #require(problem(Snapshots.fresh(request, database: name), request))
    #expect(named.id == "no-such-owner-role" && named.fix == "--create-owner-role creates it", "\(named)")
  }

  @Test("a name that is too long is called what it was given as")
  func longName() throws {
    var request = SetupRequest(iamUser: "iamuser")
    request.mode = .ownerRole(name: String(repeating: "o", count: 64), mayCreate: true)
    let refused = try #require(problem(Snapshots.fresh(request), request))
    #expect(refused.message == "--owner-role is 64 bytes long; PostgreSQL cuts names at 63")
    // Tokens and policies carry the IAM user's name alone.
    #expect(refused.why == "the role would get another name than the one given")
  }

  @Test("a server without rds_iam, a replica and an old release are refused")
  func servers() {
    let request = SetupRequest(iamUser: "iamuser")
    var snapshot = Snapshots.fresh(request)
    snapshot.roles["rds_iam"] = nil
    #expect(refusal(snapshot, request) == "iam-not-enabled")
    snapshot.server.inRecovery = true
    #expect(refusal(snapshot, request) == "server-in-recovery")
    snapshot.server.version = 110_022
    #expect(refusal(snapshot, request) == "server-too-old")
  }

  @Test("an owner role that is in rds_iam is refused: it would carry everybody with it")
  func poisonedOwner() {
    let request = SetupRequest(iamUser: "iamuser")
    var snapshot = Snapshots.fresh(request)
    snapshot.roles["app_owner"] = Snapshots.role("app_owner", login: false)
    snapshot.graph.add("app_owner", to: "rds_iam")
    #expect(refusal(snapshot, request) == "owner-role-in-rds-iam")
  }

  @Test("a named owner role has to exist unless it may be created")
  func namedOwner() {
    var request = SetupRequest(iamUser: "iamuser")
    request.mode = .ownerRole(name: "owners", mayCreate: false)
    #expect(refusal(Snapshots.fresh(request), request) == "no-such-owner-role")
    request.mode = .ownerRole(name: "owners", mayCreate: true)
    #expect(refusal(Snapshots.fresh(request), request) == nil)
  }

  @Test("default privileges of earlier owners are re-created on request only")
  func defaults() throws {
    var request = SetupRequest(iamUser: "iamuser")
    var snapshot = Snapshots.fresh(request)
    snapshot.defaultPrivileges = [
      .init(
        owner: "app_old", schema: Snapshots.identifier("public"), objects: "TABLES", privilege: "SELECT",
        grantee: Snapshots.identifier("readonly"), grantable: false)
    ]
    #expect(try sql(DefaultPrivilegesStep.self, snapshot, request).isEmpty)
    request.included = [.defaultPrivileges]
    #expect(
      try sql(DefaultPrivilegesStep.self, snapshot, request) == [
        #"ALTER DEFAULT PRIVILEGES FOR ROLE "app_owner" IN SCHEMA "public" GRANT SELECT ON TABLES TO "readonly""#
      ])
  }
}
