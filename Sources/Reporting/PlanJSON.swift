public import Provisioning

/// A plan, and what came of it, as JSON for scripts.
public struct PlanJSON: Encodable {
  struct ChangeJSON: Encodable {
    var step, kind, object: String
    var from, to: String?
    var sql: String
    var database: String?
    var action: String
    var reversible: Bool
  }

  struct GuardJSON: Encodable {
    var id, status, message: String
    var fix: String?
  }

  struct MissingJSON: Encodable {
    var statement, runBy, why: String
    /// `superuser`, `rds_superuser`, or the name of a role.
    var runner: String
    var isRole: Bool
  }

  struct SkippedJSON: Encodable {
    var kind, object, reason: String
    var fix: String?
  }

  struct PowerChangeJSON: Encodable {
    var kind, object, oldOwner, newOwner, means: String
    var gains, gainers: [String]
    var moved: Bool
  }

  struct LossJSON: Encodable {
    var kind, role, message: String
    var fix: String?
    var objects: [String]
  }

  struct ForeignCodeJSON: Encodable { var routine, owner, relation, attachments: String }

  struct LocksJSON: Encodable { var total, perTransaction, transactions, capacity, held: Int }

  struct TargetJSON: Encodable {
    var host: String
    var port: Int
    var database, user, serverVersion: String
    var superuser: Bool
  }

  struct LeftJSON: Encodable {
    var kind, object, reason: String
    /// Positions in the result's `blockers`.
    var blockers: [Int]
  }

  struct BlockerJSON: Encodable {
    var pid: Int?
    var prepared: String?
    var user, application, state: String
    var since: String?
  }

  struct ResultJSON: Encodable {
    var done, total: Int
    var interrupted: Bool
    var left: [LeftJSON]
    var blockers: [BlockerJSON]
    var notices: [String]
  }

  var schemaVersion = 1
  var targets: [TargetJSON]
  var blocked: Bool
  var changes: [ChangeJSON]
  var guards: [GuardJSON]
  var missing: [MissingJSON]
  var skipped: [SkippedJSON]
  var notes: [String]
  var losses: [LossJSON]
  var ownerRights: [PowerChangeJSON]
  var foreignCode: [ForeignCodeJSON]
  var locks: [LocksJSON]
  var result: ResultJSON?
  var journal: String?

  /// - Parameters:
  ///   - outcome: what apply or revert made of the plans; nil for a plan alone.
  ///   - journal: the file that remembers how things were.
  public init(_ plans: [Plan], outcome: BatchOutcome? = nil, journal: String? = nil) {
    self.journal = journal
    targets = plans.map {
      TargetJSON(
        host: $0.host, port: $0.port, database: $0.server.database, user: $0.server.user,
        serverVersion: $0.server.versionText, superuser: $0.server.isSuperuser)
    }
    blocked = plans.contains(where: \.isBlocked)
    changes = plans.flatMap(\.changes).map {
      ChangeJSON(
        step: $0.step.rawValue, kind: $0.kind, object: $0.object, from: $0.from, to: $0.to, sql: $0.sql,
        database: $0.database, action: Self.word($0.sign), reversible: $0.reversible)
    }
    guards = plans.flatMap(\.guards).map(Self.json)
    missing = plans.flatMap(\.missing).map {
      let (runner, isRole) = Self.name($0.runner)
      return MissingJSON(
        statement: $0.statement, runBy: $0.runBy, why: $0.why, runner: runner, isRole: isRole)
    }
    skipped = plans.flatMap(\.skipped).map {
      SkippedJSON(kind: $0.kind, object: $0.object, reason: $0.reason, fix: $0.fix)
    }
    notes = plans.flatMap(\.notes)
    losses = plans.flatMap(\.losses).map {
      LossJSON(kind: $0.kind.rawValue, role: $0.role, message: $0.message, fix: $0.fix, objects: $0.objects)
    }
    ownerRights = plans.flatMap(\.powerChanges).map {
      PowerChangeJSON(
        kind: $0.kind, object: $0.object, oldOwner: $0.oldOwner, newOwner: $0.newOwner,
        means: $0.means.rawValue,
        gains: $0.gains, gainers: $0.gainers, moved: $0.moves)
    }
    foreignCode = plans.flatMap(\.foreignCode).map {
      ForeignCodeJSON(
        routine: $0.routine, owner: $0.codeOwner, relation: $0.relation, attachments: $0.attachments)
    }
    locks = plans.map {
      LocksJSON(
        total: $0.locks.total, perTransaction: $0.locks.perBatch, transactions: $0.locks.batches,
        capacity: $0.locks.capacity, held: $0.locks.held)
    }
    result = outcome.map(Self.json)
  }

  private static func name(_ runner: MissingCapability.Runner) -> (String, isRole: Bool) {
    switch runner {
    case .superuser: ("superuser", false)
    case .rdsSuperuser: ("rds_superuser", false)
    case .role(let name): (name, true)
    }
  }

  private static func word(_ sign: Change.Sign) -> String {
    switch sign {
    case .add: "add"
    case .change: "change"
    case .remove: "remove"
    }
  }

  static func json(_ guarded: Guard) -> GuardJSON {
    GuardJSON(id: guarded.id, status: guarded.status.rawValue, message: guarded.message, fix: guarded.fix)
  }

  private static func json(_ outcome: BatchOutcome) -> ResultJSON {
    var places: [Blocker: Int] = [:]
    var blockers: [BlockerJSON] = []
    let left = outcome.left.map { left in
      LeftJSON(
        kind: left.kind, object: left.object, reason: left.reason,
        blockers: left.blockers.map { blocker in
          if let place = places[blocker] { return place }
          blockers.append(
            BlockerJSON(
              pid: blocker.pid, prepared: blocker.prepared, user: blocker.user,
              application: blocker.application, state: blocker.state, since: blocker.since))
          places[blocker] = blockers.count - 1
          return blockers.count - 1
        })
    }
    return ResultJSON(
      done: outcome.done, total: outcome.total, interrupted: outcome.interrupted, left: left,
      blockers: blockers, notices: outcome.notices)
  }

  /// The document with a final newline.
  public func text() throws -> String { try JSONText.render(self) }
}

/// The promises `verify` checked, as JSON.
public struct VerificationJSON: Encodable {
  var schemaVersion = 1
  var verdict: String
  var promises: [PlanJSON.GuardJSON]

  public init(_ promises: [Guard]) {
    let statuses = Set(promises.map(\.status))
    verdict =
      statuses.contains(.fail)
      ? "fail" : statuses.contains(.unknown) ? "incomplete" : statuses.contains(.warn) ? "warn" : "pass"
    self.promises = promises.map(PlanJSON.json)
  }

  public func text() throws -> String { try JSONText.render(self) }
}
