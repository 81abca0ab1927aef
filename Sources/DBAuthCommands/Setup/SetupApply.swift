internal import ArgumentParser
internal import Glibc
internal import Postgres
internal import Provisioning
internal import Reporting

/// `setup apply`: plans, shows, asks, and runs exactly what was shown.
struct SetupApply: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Plan, show, ask, apply.",
    discussion: """
      What was shown is what is done, in transactions that each leave a sound state. If it is interrupted, killed or \
      meets somebody's lock, the same command goes on. Exit status: 0 when everything is done, 1 otherwise.
      """)

  @OptionGroup(title: "Connection") var connection: ConnectionOptions
  @OptionGroup(title: "Setup") var setup: SetupOptions
  @OptionGroup var journal: SetupJournalOptions
  @OptionGroup(title: "Policy") var policy: SetupPolicyOptions

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
      status = try await apply(interruption)
    }
    if status != .success { throw status.exit }
  }

  private func apply(_ interruption: SignalInterruption) async throws -> ExitStatus {
    try setup.request.checkNames()
    let document = try policy.render(user: setup.iamUser)
    let sessions = try await SetupSessions.open(connection, all: setup.allDatabases)
    for session in sessions.sessions { try await SetupLock.acquire(session) }
    let first = sessions.first
    let path = journal.path(host: first.host, port: first.port, database: first.database)
    let plans = try await sessions.plans(
      setup.request, journal: path)
    if format == .text { try PlanPrinter.print(plans, as: .text, verbose: detail.verbose) }
    let pending = plans.contains { !$0.changes.isEmpty }
    guard !plans.contains(where: \.isBlocked), pending else {
      if format == .json { try PlanPrinter.print(plans, as: .json) }
      if !pending { try policy.write(document) }
      return pending || plans.contains(where: \.isBlocked) ? .failure : .success
    }
    guard try Confirmation.given(yes: yes, to: "apply") else { return .failure }
    var outcome = BatchOutcome(total: 0)
    let file = try Journal.open(path)
    try file.check(plans)
    let printer = OutcomePrinter(format: format, verbose: detail.verbose, journal: path)
    try printer.announceJournal()
    let committed = CommittedChanges()
    interruption.begin(
      .init(
        committed: committed, sessions: sessions.sessions, goOn: "run the same command again",
        goBack: printer.revertCommand))
    for (session, plan) in zip(sessions.sessions, plans) {
      let progress = SetupProgress(style: Terminal.errorStyle, committed: committed)
      defer { progress.finish() }
      let apply = Apply(
        session: session, plan: plan, journal: file, observer: progress, interruption: interruption)
      outcome.add(try await apply.run(tool: Version.current))
    }
    let status = try printer.print(plans, outcome)
    if format == .text { Terminal.writeError("To undo everything:\n  \(printer.revertCommand)") }
    try policy.write(document)
    return status
  }
}
