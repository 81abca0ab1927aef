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

  @Option(help: "How to print it: text, json, or sql (a script for psql).")
  var format = PlanFormat.text

  @Flag(help: "Exit with 2 when changes are pending.")
  var detailedExitcode = false

  func run() async throws {
    var status = ExitStatus.success
    try await SetupFailure.reporting {
      let document = try policy.render(user: setup.iamUser)
      let sessions = try await SetupSessions.open(connection, all: setup.allDatabases)
      let first = sessions.first
      let path = journal.path(host: first.host, port: first.port, database: first.database)
      var plans = try await sessions.plans(
        setup.request, journal: path)
      if let file = policy.policyOut, document != nil {
        plans[plans.count - 1].notes.append("apply writes the IAM policy to \(file)")
      }
      try PlanPrinter.print(plans, as: format)
      if plans.contains(where: \.isBlocked) {
        status = .failure
      } else if detailedExitcode, plans.contains(where: { !$0.changes.isEmpty }) {
        status = .changesPending
      }
    }
    if status != .success { throw status.exit }
  }
}

/// Prints plans in the format asked for.
enum PlanPrinter {
  static func print(_ plans: [Plan], as format: PlanFormat) throws {
    let output = OutputBuffer()
    switch format {
    case .text: try write(plans.map { PlanText($0, style: Terminal.outputStyle) }, to: output)
    case .json: try output.append(try PlanJSON(plans).text())
    case .sql: try PlanScript(plans).write { try output.append($0) }
    }
    try output.flush()
  }

  /// Prints what revert would do.
  static func printRevert(_ plans: [Plan]) throws {
    let output = OutputBuffer()
    let texts = plans.map {
      PlanText(
        $0, style: Terminal.outputStyle, title: "setup revert",
        nothing: "Nothing to undo: what the journal remembers is as it was.")
    }
    try write(texts, to: output)
    try output.flush()
  }

  private static func write(_ texts: [PlanText], to output: OutputBuffer) throws {
    for (number, text) in texts.enumerated() {
      if number > 0 { try output.append("\n") }
      try text.write { try output.append($0) }
    }
  }
}

/// Collects small pieces of text and writes them in large ones.
final class OutputBuffer {
  private var text = ""
  /// Bytes at which the buffer is written out.
  private static let limit = 1 << 16

  func append(_ piece: String) throws {
    text += piece
    if text.utf8.count >= Self.limit { try flush() }
  }

  func flush() throws {
    try Terminal.write(text)
    text = ""
  }
}
