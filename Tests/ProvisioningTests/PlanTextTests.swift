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

  private func text(_ plan: Plan, _ style: OutputStyle = .plain) -> String {
    var text = ""
    PlanText(plan, style: style).write { text += $0 }
    return text
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
    plan.lockoutStatement = "DO lockout;\n"
    var script = ""
    try PlanScript([plan]).write { script += $0 }
    #expect(script.contains("\\set ON_ERROR_STOP on"))
    #expect(
      script.components(separatedBy: "COMMIT;").count
        == script.components(separatedBy: "DO lockout;\nCOMMIT;").count)
  }
}

extension String {
  fileprivate func components(separatedBy separator: String) -> [Substring] {
    split(separator: separator, omittingEmptySubsequences: false)
  }
}
