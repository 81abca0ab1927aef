internal import ArgumentParser
internal import Postgres
internal import Provisioning
internal import Reporting

/// `setup plan`: what apply would do; changes nothing.
struct SetupPlan: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show what apply would do.",
    discussion: """
      Reads the catalogs, tries the role statements in a transaction that is always rolled back, and prints the \
      changes. Exit status: 0, or with --detailed-exitcode 2 when changes are pending; 1 when setup would be refused.
      """)

  @OptionGroup(title: "Connection") var connection: ConnectionOptions
  @OptionGroup(title: "Setup") var setup: SetupOptions
  @OptionGroup var journal: SetupJournalOptions
  @OptionGroup(title: "Policy") var policy: SetupPolicyOptions

  @Option(help: "How to print it: text, json, or sql (a script for psql; none when setup would be refused).")
  var format = PlanFormat.text

  @Flag(help: "Exit with 2 when changes are pending.")
  var detailedExitcode = false

  @OptionGroup var detail: SetupDetailOptions

  func run() async throws {
    var status = ExitStatus.success
    try await SetupFailure.reporting {
      try setup.request.checkNames()
      let document = try policy.render(user: setup.iamUser)
      var sessions = try await SetupSessions.open(connection, all: setup.allDatabases)
      let first = sessions.first
      let path = journal.path(host: first.host, port: first.port, database: first.database)
      var made = SetupPlans(setup.request, journal: path)
      try await made.make(&sessions)
      var plans = made.plans
      if let file = policy.policyOut, document != nil {
        plans[plans.count - 1].notes.append("apply writes the IAM policy to \(file)")
      }
      try PlanPrinter.print(plans, as: format, verbose: detail.verbose)
      if plans.contains(where: \.isBlocked) {
        status = .failure
      } else if detailedExitcode, plans.contains(where: { !$0.changes.isEmpty }) {
        status = .changesPending
      }
    }
    if status != .success { throw status.exit }
  }
}
