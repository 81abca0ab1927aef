import AccessModel
import Foundation
import Postgres
import Reporting
import Testing

@testable import Provisioning

@Suite("A plan with hostile names in every place")
struct HostilePlanTests {
  private static let hostile =
    "x\u{1B}[2J\u{9B}31m\u{202E}\u{200B}\u{7F}\r\n::error::y\n##vso[a]b ##[error]c\"'; \\! touch /tmp/x"

  private static var plan: Plan {
    let name = Identifier(name: hostile, quoted: SQLText.identifier(hostile))
    var server = Snapshots.fresh().server
    server.user = hostile
    server.database = hostile
    server.versionText = hostile
    var plan = Plan(server: server, host: hostile, port: 5432, request: SetupRequest(iamUser: hostile))
    var object = Snapshots.table("t")
    object.schema = name
    object.name = name
    object.owner = hostile
    plan.changes = [
      Change(
        step: .iamUser, sign: .add, kind: hostile, object: hostile, from: hostile, to: hostile,
        action: .createRole(name, login: true), database: hostile),
      Change(
        step: .ownership, sign: .change, kind: "table", object: object.display, from: hostile, to: hostile,
        action: .alterOwner(object, to: name), database: hostile),
    ]
    plan.guards = [Guard("lock-out", .fail, hostile, fix: hostile)]
    plan.missing = [MissingCapability(statement: hostile, runBy: hostile, why: hostile)]
    plan.skipped = [SkippedObject(kind: hostile, object: hostile, reason: hostile, fix: hostile)]
    plan.notes = [hostile]
    plan.losses = [Loss(.index, hostile, hostile, fix: hostile, objects: [hostile])]
    plan.powerChanges = [true, false].map {
      PowerChange(
        kind: "view", object: hostile, oldOwner: hostile, newOwner: hostile, means: .query, gains: [hostile],
        gainers: [hostile], moves: $0)
    }
    plan.foreignCode = [
      .init(
        relation: hostile, relationOwner: hostile, routine: hostile, codeOwner: hostile, attachments: hostile)
    ]
    plan.iamMembersBefore = [hostile]
    plan.lockedOutQuery = LockoutGuard(request: plan.request, before: [hostile]).lockedOut
    return plan
  }

  private func expectHarmless(_ text: String, lines: Bool = true) {
    #expect(!text.unicodeScalars.contains { $0.steersDisplay && $0 != "\n" }, "\(text.debugDescription)")
    // Within a line a double colon is no command, and each of these texts begins behind words of our own.
    let atLineStart = text.split(separator: "\n").contains { $0.drop { $0 == " " }.hasPrefix("::") }
    #expect(!atLineStart, "\(text)")
  }

  @Test("has every place filled but for those without words")
  func filled() {
    let empty = Mirror(reflecting: Self.plan).children.filter {
      ($0.value as? any Collection)?.isEmpty == true
    }
    #expect(empty.compactMap(\.label) == ["loans"])
  }

  @Test("as text steers nothing, and ends no line of it")
  func text() {
    var text = ""
    PlanText(Self.plan, style: .plain).write { text += $0 }
    expectHarmless(text)
  }

  @Test("as JSON steers nothing, and is read back as it was")
  func json() throws {
    let json = try PlanJSON([Self.plan]).text()
    expectHarmless(json)
    #expect(!WorkflowCommand.isIn(json))
    let read = try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    #expect(read["notes"] as? [String] == [Self.hostile])
    let changes = try #require(read["changes"] as? [[String: Any]])
    #expect(changes[0]["from"] as? String == Self.hostile)
  }

  @Test("as a script is lines of ASCII without a command")
  func script() throws {
    var script = ""
    try PlanScript([Self.plan, Self.plan]).write { script += $0 }
    expectHarmless(script)
    #expect(script.unicodeScalars.allSatisfy { $0.isASCII })
    #expect(!WorkflowCommand.isIn(script))
    let commands = script.split(separator: "\n").filter { $0.hasPrefix("\\") }.map { $0.prefix { $0 != " " } }
    #expect(Set(commands) == ["\\set", "\\restrict", "\\unrestrict", "\\connect"])
  }

  @Test("as a promise steers nothing")
  func promise() throws {
    expectHarmless(GuardLine.text(Guard("x", .fail, Self.hostile, fix: Self.hostile), .plain))
    let json = try VerificationJSON([Guard("x", .fail, Self.hostile)]).text()
    expectHarmless(json)
    #expect(!WorkflowCommand.isIn(json))
  }

  @Test("what came of it steers nothing")
  func outcome() {
    var outcome = BatchOutcome(total: 1)
    outcome.notices = [Self.hostile]
    let blocker = Blocker(
      pid: nil, prepared: Self.hostile, user: Self.hostile, application: Self.hostile, since: Self.hostile,
      state: Self.hostile)
    outcome.left = [
      LeftBehind(Self.plan.changes[0], reason: Self.hostile, blockers: [blocker], isLocked: true)
    ]
    let many = Array(repeating: outcome.left[0], count: 60)
    for left in [outcome.left, many] {
      outcome.left = left
      expectHarmless(OutcomeText(outcome, style: .plain, again: Self.hostile).text)
    }
    expectHarmless(OutcomeText(outcome, style: .plain, again: Self.hostile).text)
  }

  @Test("a problem is told in lines of its own, each indented")
  func problem() {
    let problem = SetupProblem(.refused, "x", Self.hostile, why: Self.hostile, fix: Self.hostile)
    #expect(!problem.description.unicodeScalars.contains { $0.steersDisplay && $0 != "\n" })
    let indented = problem.description.split(separator: "\n").dropFirst().allSatisfy { $0.hasPrefix("  ") }
    #expect(indented)
  }
}
