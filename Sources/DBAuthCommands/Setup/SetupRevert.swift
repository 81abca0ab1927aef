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

  func validate() throws { try Confirmation.validate(format: format, yes: yes) }

  func run() async throws {
    var status = ExitStatus.success
    try await SetupFailure.reporting(again: "run the same command again; it goes on where this one ended") {
      status = try await revert()
    }
    if status != .success { throw status.exit }
  }

  private func revert() async throws -> ExitStatus {
    let (first, parameters) = try await connection.connect()
    let path = journal.path(host: first.host, port: first.port, database: first.database)
    var request = SetupRequest(iamUser: "")
    locks.apply(to: &request)
    var sessions: [Session] = []
    for database in try RevertPlanner.databases(path, connectedTo: first.database) {
      sessions.append(
        database == first.database ? first : try await Session.connect(parameters.database(database)))
    }
    var plans: [Plan] = []
    for session in sessions {
      try await SetupLock.acquire(session)
      plans.append(try await RevertPlanner(session: session, journal: path, request: request).plan())
    }
    if format == .text { try PlanPrinter.printRevert(plans) }
    guard plans.contains(where: { !$0.changes.isEmpty }) else {
      if format == .json { try Terminal.write(try PlanJSON(plans, outcome: BatchOutcome(total: 0)).text()) }
      return .success
    }
    guard try Confirmation.given(yes: yes, question: "Undo these changes?") else { return .failure }
    let interruption = SignalInterruption()
    let file = try Journal.open(path)
    var outcome = BatchOutcome(total: 0)
    for (session, plan) in zip(sessions, plans) {
      let progress = SetupProgress(terminal: isatty(STDERR_FILENO) == 1)
      defer { progress.finish() }
      outcome.add(
        try await Revert(
          session: session, plan: plan, journal: file, observer: progress, interruption: interruption,
          keepsRoles: !outcome.isComplete
        ).run())
    }
    if format == .json {
      try Terminal.write(try PlanJSON(plans, outcome: outcome).text())
    } else {
      try Terminal.write(
        "\n" + OutcomeText(outcome, style: Terminal.outputStyle, again: "run the same command again").text)
    }
    return outcome.isComplete ? .success : .failure
  }
}
