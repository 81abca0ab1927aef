internal import AccessModel
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

  func validate() throws { try Confirmation.validate(format: format, yes: yes) }

  func run() async throws {
    var status = ExitStatus.success
    try await SetupFailure.reporting(again: "run the same command again; it goes on where this one ended") {
      status = try await apply()
    }
    if status != .success { throw status.exit }
  }

  private func apply() async throws -> ExitStatus {
    let document = try policy.render(user: setup.iamUser)
    let sessions = try await SetupSessions.open(connection, all: setup.allDatabases)
    for session in sessions.sessions { try await SetupLock.acquire(session) }
    let first = sessions.first
    let path = journal.path(host: first.host, port: first.port, database: first.database)
    let plans = try await sessions.plans(
      setup.request, journal: path)
    if format == .text { try PlanPrinter.print(plans, as: .text) }
    let pending = plans.contains { !$0.changes.isEmpty }
    guard !plans.contains(where: \.isBlocked), pending else {
      if format == .json { try PlanPrinter.print(plans, as: .json) }
      if !pending { try policy.write(document) }
      return pending || plans.contains(where: \.isBlocked) ? .failure : .success
    }
    guard try Confirmation.given(yes: yes, question: "Apply these changes?") else { return .failure }
    var outcome = BatchOutcome(total: 0)
    let interruption = SignalInterruption()
    let file = try Journal.open(path)
    try file.check(plans)
    for (session, plan) in zip(sessions.sessions, plans) {
      let progress = SetupProgress(terminal: isatty(STDERR_FILENO) == 1)
      defer { progress.finish() }
      let apply = Apply(
        session: session, plan: plan, journal: file, observer: progress, interruption: interruption)
      outcome.add(try await apply.run(tool: Version.current))
    }
    try policy.write(document)
    try report(plans, outcome, path)
    return outcome.isComplete ? .success : .failure
  }

  private func report(_ plans: [Plan], _ outcome: BatchOutcome, _ path: String) throws {
    if format == .json {
      try Terminal.write(try PlanJSON(plans, outcome: outcome).text())
      return
    }
    let text = OutcomeText(outcome, style: Terminal.outputStyle, again: "run the same command again").text
    try Terminal.write(
      "\n\(text)Journal: \(path.escapedForDisplay) (dbauth-admin setup revert \(ShellText.option("--journal", path)) undoes everything)\n"
    )
  }
}

/// How a result is printed.
enum ResultFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json
}

/// Asks before something is changed.
enum Confirmation {
  /// JSON goes to a program, which cannot be asked.
  static func validate(format: ResultFormat, yes: Bool) throws {
    if format == .json, !yes {
      throw ValidationError("--format json goes with --yes: nobody could be shown what to confirm.")
    }
  }

  /// - Throws: `SetupProblem` when there is nobody to ask.
  static func given(yes: Bool, question: String) throws -> Bool {
    if yes { return true }
    guard isatty(STDIN_FILENO) == 1 else {
      throw SetupProblem(
        .usage, "not-confirmed", "nobody is there to confirm: standard input is not a terminal",
        why: "nothing was changed", fix: "look at setup plan, then add --yes")
    }
    Terminal.writeErrorRaw("\n\(question) Only 'yes' is taken for it: ")
    guard readLine(strippingNewline: true) == "yes" else {
      Terminal.writeError("Nothing was changed.")
      return false
    }
    return true
  }
}
