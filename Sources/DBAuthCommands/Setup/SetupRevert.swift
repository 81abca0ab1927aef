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
      Owners, privileges, memberships and settings become what they were, and roles that setup created are dropped, \
      unless somebody uses them by now. What somebody has changed since is left alone, with a notice. The login's rights \
      go last. Exit status: 0 when everything is undone.
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
    var sessions = try await SetupSessions.open(connection, all: false, locking: true)
    let first = sessions.first
    let path = journal.path(host: first.host, port: first.port, database: first.database)
    let planner = planner(path)
    let databases = try await planner(first).databases().compactMap(\.name)
    // What is left of databases that have been dropped are roles.
    sessions.databases = databases.isEmpty ? [first.database] : databases
    var made = SetupPlans { session, earlier, isLast in
      let scope: RevertPlanner.Scope =
        !isLast ? .objects : earlier.allSatisfy(\.changes.isEmpty) ? .allThatIsLeft : .everything
      return try await planner(session).plan(scope)
    }
    try await made.make(&sessions)
    await sessions.beginChanges()
    let plans = made.plans
    if format == .text { try PlanPrinter.printRevert(plans, verbose: detail.verbose) }
    guard plans.contains(where: { !$0.changes.isEmpty }) else {
      if format == .json { try Terminal.write(try PlanJSON(plans, outcome: BatchOutcome(total: 0)).text()) }
      return .success
    }
    guard try Confirmation.given(yes: yes, to: "undo") else { return .failure }
    let file = try Journal.open(path)
    let printer = OutcomePrinter(format: format, verbose: detail.verbose, journal: path)
    try printer.announceJournal()
    let outcome = try await undo(&sessions, &made, planner, file, interruption)
    return try printer.print(made.plans, outcome)
  }

  private func planner(_ path: String) -> (Session) -> RevertPlanner {
    var request = SetupRequest(iamUser: "")
    locks.apply(to: &request)
    return { [request] in RevertPlanner(session: $0, journal: path, request: request) }
  }

  /// The objects of every database first, then who may connect, then the roles.
  private func undo(
    _ sessions: inout SetupSessions, _ made: inout SetupPlans, _ planner: (Session) -> RevertPlanner,
    _ file: Journal, _ interruption: SignalInterruption
  ) async throws -> BatchOutcome {
    let committed = CommittedChanges()
    let progress = SetupProgress(style: Terminal.errorStyle, committed: committed)
    defer { progress.finish() }
    func revert(_ session: Session, _ plan: Plan) -> Revert {
      interruption.begin(
        .init(
          committed: committed, sessions: [session], goOn: "run the same command again", goBack: nil))
      return Revert(
        session: session, plan: plan, journal: file, observer: progress, interruption: interruption)
    }
    var outcome = BatchOutcome(total: 0)
    for number in made.plans.indices {
      let (session, isAnother) = try await made.renew(number, &sessions)
      if isAnother, try !isAgreed(made.plans[number]) {
        outcome.total += 1
        break
      }
      outcome.add(try await revert(session, made.plans[number]).objects(planner(session)))
    }
    for number in made.plans.indices where outcome.isComplete {
      let session = try await sessions.session(sessions.databases[number])
      outcome.add(try await revert(session, made.plans[number]).connections())
    }
    if outcome.isComplete, let plan = made.plans.last, let last = sessions.databases.last {
      let session = try await sessions.session(last)
      outcome.add(try await revert(session, plan).roles(planner(session)))
    }
    if !outcome.isComplete {
      outcome.total = max(outcome.total, made.plans.reduce(0) { $0 + $1.changes.count })
    }
    return outcome
  }

  /// What has become another plan since it was shown is shown again.
  private func isAgreed(_ plan: Plan) throws -> Bool {
    Terminal.writeNote(SetupPlans.changed(plan))
    if format == .text { try PlanPrinter.printRevert([plan], verbose: detail.verbose) }
    return try Confirmation.given(yes: yes, to: "undo")
  }
}
