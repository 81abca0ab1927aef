internal import ArgumentParser
internal import Glibc
internal import Postgres
internal import Provisioning
internal import Reporting

/// `setup revert`: undoes what a journal remembers.
struct SetupRevert: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revert",
    abstract: "Undo what apply did, from its journal.",
    usage: "dbauth-admin setup revert [<options>]",
    discussion: """
      Owners, privileges, memberships and settings become what they were, and roles that setup created are dropped. \
      What somebody has changed since is left alone, with a notice. Exit status: 0 when everything is undone.
      """)

  @OptionGroup(title: "Connection") var connection: ConnectionOptions
  @OptionGroup var journal: SetupJournalOptions
  @OptionGroup(title: "Locks") var locks: LockOptions

  @Flag(name: [.customShort("y"), .long], help: "Do not ask.")
  var yes = false

  @Option(help: "How to print plan and result: text or json.")
  var format = ResultFormat.text

  @OptionGroup var detail: SetupDetailOptions

  func validate() throws { try Confirmation.validate(format: format, yes: yes) }

  func run() async throws {
    let interruption = SignalInterruption()
    var status = ExitStatus.success
    try await SetupFailure.reporting(
      again: "run the same command again; it goes on where this one ended", interruption: interruption
    ) {
      status = try await revert(interruption)
    }
    if status != .success { throw status.exit }
  }

  private func revert(_ interruption: SignalInterruption) async throws -> ExitStatus {
    let (first, parameters) = try await connection.connect()
    let path = journal.path(host: first.host, port: first.port, database: first.database)
    var request = SetupRequest(iamUser: "")
    locks.apply(to: &request)
    let all = RevertPlanner(session: first, journal: path, request: request)
    var planners: [RevertPlanner] = []
    var sessions: [Session] = []
    for name in try await all.databases().compactMap(\.name) {
      let session =
        name == first.database ? first : try await Session.connect(parameters.database(name))
      sessions.append(session)
      planners.append(RevertPlanner(session: session, journal: path, request: request))
    }
    var plans: [Plan] = []
    for (number, session) in sessions.enumerated() {
      try await SetupLock.acquire(session)
      let isLast = number == sessions.count - 1
      let scope: RevertPlanner.Scope =
        !isLast ? .objects : plans.allSatisfy(\.changes.isEmpty) ? .allThatIsLeft : .everything
      plans.append(try await planners[number].plan(scope))
    }
    if format == .text { try PlanPrinter.printRevert(plans, verbose: detail.verbose) }
    guard plans.contains(where: { !$0.changes.isEmpty }) else {
      if format == .json { try Terminal.write(try PlanJSON(plans, outcome: BatchOutcome(total: 0)).text()) }
      return .success
    }
    guard try Confirmation.given(yes: yes, to: "undo") else { return .failure }
    let file = try Journal.open(path)
    let printer = OutcomePrinter(format: format, verbose: detail.verbose, journal: path)
    try printer.announceJournal()
    let committed = CommittedChanges()
    interruption.begin(
      .init(
        committed: committed, sessions: sessions, goOn: "run the same command again", goBack: nil))
    let progress = SetupProgress(style: Terminal.errorStyle, committed: committed)
    defer { progress.finish() }
    let reverts = zip(sessions, plans).map {
      Revert(session: $0, plan: $1, journal: file, observer: progress, interruption: interruption)
    }
    return try printer.print(plans, try await undo(reverts, plans, planners))
  }

  /// The objects of every database first, then who may connect, then the roles.
  private func undo(
    _ reverts: [Revert], _ plans: [Plan], _ planners: [RevertPlanner]
  ) async throws -> BatchOutcome {
    var outcome = BatchOutcome(total: 0)
    for (revert, planner) in zip(reverts, planners) { outcome.add(try await revert.objects(planner)) }
    for revert in reverts where outcome.isComplete { outcome.add(try await revert.connections()) }
    if outcome.isComplete, let last = reverts.last, let planner = planners.last {
      outcome.add(try await last.roles(planner))
    }
    if !outcome.isComplete {
      outcome.total = max(outcome.total, plans.reduce(0) { $0 + $1.changes.count })
    }
    return outcome
  }
}
