import Reporting
import Testing

@testable import Provisioning

@Suite("Plans for people and scripts")
struct PlanTextTests {
  private var plan: Plan {
    let request = SetupRequest(iamUser: "iamuser")
    var plan = Plan(server: Snapshots.fresh(request).server, host: "db.example", port: 5432, request: request)
    plan.changes = [
      Change(
        step: .iamUser, sign: .add, kind: "role", object: "iamuser", to: "LOGIN, no password",
        action: .createRole(Snapshots.identifier("iamuser"), login: true)),
      Snapshots.move(Snapshots.table("orders")),
    ]
    plan.guards = [Guard("lock-out", .pass, "nobody is locked out")]
    return plan
  }

  private func text(_ plan: Plan, _ style: OutputStyle = .plain, verbose: Bool = false) -> String {
    var text = ""
    PlanText(plan, style: style, verbose: verbose).write { text += $0 }
    return text
  }

  @Test("more than 50 changes of a step are summed up by schema, kind and owner, with the first names")
  func many() {
    var plan = plan
    plan.changes = (1...48).map { Snapshots.move(Snapshots.table("t\($0)", oid: $0)) }
    plan.changes += [
      Snapshots.move(Snapshots.table("a", owner: "other")),
      Snapshots.move(Snapshots.table("b", owner: "other")),
    ]
    #expect(text(plan).contains("    ~ table              public.t48  app_old -> app_owner\n"))
    plan.changes += [Snapshots.move(Snapshots.table("t49"))]
    #expect(
      text(plan).contains(
        """

          ownership: 51 changes (--verbose lists them all)
            ~ table              49 in public  app_old -> app_owner
                public.t1, public.t2, public.t3 and 46 more
            ~ table              public.a  other -> app_owner
            ~ table              public.b  other -> app_owner

        """))
    #expect(text(plan).contains("Plan: 0 to add, 51 to change, 0 to remove."))
    #expect(text(plan, verbose: true).contains("    ~ table              public.t48  app_old -> app_owner\n"))
  }

  @Test("a summary is short, too: a thousand schemas, owners and skipped objects", arguments: [true, false])
  func manySchemas(sameOwner: Bool) {
    var plan = plan
    plan.changes = (1...1000).map { number in
      var table = Snapshots.table("t", owner: sameOwner ? "app_old" : "owner\(number)")
      table.schema = Snapshots.identifier("s\(number)")
      return Snapshots.move(table)
    }
    plan.skipped = (1...1000).map {
      .init(kind: "table", object: "t\($0)", reason: "of a superuser", fix: "as root")
    }
    plan.notes = (1...1000).map { "note \($0)" }
    let text = text(plan)
    #expect(
      text.contains(sameOwner ? "1000 in 1000 schemas  app_old" : "1000 in 1000 schemas  1000 owners"),
      "\(text)")
    #expect(text.contains("t1, t2, t3 and 997 more  (of a superuser)"))
    #expect(text.split(separator: "\n").count < 80, "\(text)")
  }

  @Test("many objects that were left are summed up by what holds them")
  func left() {
    var outcome = BatchOutcome(total: 2000)
    let blocker = Blocker(pid: 7, user: "postgres", application: "pg_dump", since: nil, state: "active")
    outcome.left = (1...2000).map {
      LeftBehind(
        Snapshots.move(Snapshots.table("t\($0)")), reason: "locked by another session", blockers: [blocker])
    }
    let text = OutcomeText(outcome, style: .plain, again: "again").text
    #expect(
      text.contains("(2000) public.t1, public.t2, public.t3 and 1997 more: locked by another session: pid 7"))
    #expect(text.split(separator: "\n").count < 6, "\(text)")
    #expect(OutcomeText(outcome, style: .plain, again: "again", verbose: true).text.contains("public.t2000"))
  }

  @Test("on a narrow terminal lines fit", arguments: [40, 60])
  func narrow(width: Int) {
    var plan = plan
    plan.guards = [
      Guard(
        "lock-out", .fail, "somebody would be locked out of this server", fix: "do something else instead")
    ]
    for line in text(plan, OutputStyle(width: width)).split(separator: "\n") {
      #expect(line.count <= width, "\(line)")
    }
  }

  @Test("a plan is grouped by step and ends with its counts")
  func grouped() {
    #expect(
      text(plan) == """
        setup plan: database app at db.example:5432, as postgres
        PostgreSQL 15.18, not a superuser

          iam-user
            + role               iamuser  LOGIN, no password

          ownership
            ~ table              public.orders  app_old -> app_owner

        ok   lock-out: nobody is locked out

        Plan: 1 to add, 1 to change, 0 to remove.

        """)
  }

  @Test("what is missing is shown as statements, and the plan says that it is refused")
  func missing() {
    var plan = plan
    plan.missing = [
      MissingCapability(statement: #"GRANT "rds_iam" TO "iamuser""#, runBy: "a superuser", why: "reasons")
    ]
    let text = text(plan)
    #expect(text.contains("    GRANT \"rds_iam\" TO \"iamuser\";\n"))
    #expect(text.contains("\nRefused: 1 to add"))
  }

  @Test("off a terminal there is neither colour nor Unicode of our own")
  func ascii() {
    let allASCII = text(plan).allSatisfy { $0.isASCII }
    #expect(allASCII)
    #expect(text(plan, OutputStyle(color: true, unicode: true)).contains("\u{1B}["))
  }

  @Test("JSON has the contract's keys")
  func json() throws {
    let json = try PlanJSON([plan]).text()
    for key in [
      "schemaVersion", "changes", "guards", "notes", "step", "kind", "object", "to", "sql", "reversible",
    ] {
      #expect(json.contains("\"\(key)\""))
    }
  }

  @Test("a script stops at the first error and checks the lock-out before every COMMIT")
  func script() throws {
    var plan = plan
    plan.lockedOutQuery = "SELECT somebody"
    var script = ""
    try PlanScript([plan]).write { script += $0 }
    #expect(script.contains("\\set ON_ERROR_STOP on"))
    let guarded = script.matches(
      of:
        /DO \$guard\$\nBEGIN\n  IF EXISTS \(\n    SELECT somebody\)\n  THEN RAISE [^\n]*\n  END IF;\nEND\n\$guard\$;\nCOMMIT;/
    )
    #expect(guarded.count == script.components(separatedBy: "COMMIT;").count - 1 && !guarded.isEmpty)
  }
}

extension String {
  fileprivate func components(separatedBy separator: String) -> [Substring] {
    split(separator: separator, omittingEmptySubsequences: false)
  }
}
