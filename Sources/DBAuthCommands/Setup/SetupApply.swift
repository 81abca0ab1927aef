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
      meets somebody's lock, the same command goes on. The old owners can work on everything until the IAM user can \
      sign in; --keep-access keeps that for good. Exit status: 0 when everything is done, 1 otherwise.
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
    var sessions = try await SetupSessions.open(connection, all: setup.allDatabases, locking: true)
    let first = sessions.first
    let path = journal.path(host: first.host, port: first.port, database: first.database)
    try await finishWatch(path, first, interruption)
    guard !interruption.isRequested else { return .failure }
    var made = SetupPlans(setup.request, journal: path)
    try await made.make(&sessions)
    await sessions.beginChanges()
    let plans = made.plans
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
    for number in plans.indices {
      let (session, isAnother) = try await made.renew(number, &sessions)
      let plan = made.plans[number]
      if isAnother, try !isAgreed(plan) {
        outcome.total += made.plans[number...].reduce(0) { $0 + $1.changes.count }
        break
      }
      interruption.begin(
        .init(
          committed: committed, sessions: [session], goOn: "run the same command again",
          goBack: printer.revertCommand))
      let progress = SetupProgress(style: Terminal.errorStyle, committed: committed)
      defer { progress.finish() }
      let apply = Apply(
        session: session, plan: plan, journal: file, observer: progress, interruption: interruption)
      outcome.add(try await apply.run(tool: Version.current, after: outcome))
    }
    let status = try printer.print(made.plans, outcome)
    if format == .text { Terminal.writeError("To undo everything:\n  \(printer.revertCommand)") }
    try policy.write(document)
    return status
  }

  /// What has become another plan since it was shown is shown again.
  private func isAgreed(_ plan: Plan) throws -> Bool {
    Terminal.writeNote(SetupPlans.changed(plan))
    if format == .text { try PlanPrinter.print([plan], as: .text, verbose: detail.verbose) }
    return try !plan.isBlocked && Confirmation.given(yes: yes, to: "apply")
  }

  /// An earlier run that was killed may have ended before it had looked whether somebody is locked out.
  private func finishWatch(
    _ path: String, _ session: Session, _ interruption: SignalInterruption
  ) async throws {
    guard access(path, F_OK) == 0, let watch = try await UnfinishedWatch.find(path, session) else { return }
    Terminal.writeError(
      "An earlier run has ended before it had made sure that a GRANT of another session, open while it granted, locks "
        + "nobody out. Looking now.")
    let committed = CommittedChanges(ofEarlierRun: true)
    interruption.begin(
      .init(
        committed: committed, sessions: [session], goOn: "run the same command again",
        goBack: OutcomePrinter(format: format, verbose: detail.verbose, journal: path).revertCommand))
    let progress = SetupProgress(style: Terminal.errorStyle, committed: committed)
    defer { progress.finish() }
    let notices = try await watch.finish(
      session, journal: try Journal.open(path), lockTimeout: setup.request.lockTimeout, observer: progress)
    for notice in notices { Terminal.writeNote("Notice: \(notice)") }
    interruption.takeBack()
    if interruption.isRequested { Terminal.writeError("Stopped. This run has changed nothing.") }
  }
}
