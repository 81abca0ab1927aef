internal import AccessModel
internal import ArgumentParser
internal import Checkup
internal import Diagnoses
internal import FoundationEssentials
internal import Glibc
internal import Reporting
internal import Targets

/// `doctor`: is the login healthy, and if not, why.
struct Doctor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Find out why a login fails or is slow, and say what to type next.",
    usage: "dbauth-admin doctor -h <host> -U <user> [-d <dbname>] [<options>]",
    discussion: """
      Follows a login the way it is made: parameters, names, TCP, TLS, pg_hba.conf, credentials, token, login, \
      privileges and times. It names one most probable cause, what speaks for it, and the cure. Nothing is written, and at \
      most 8 connections are opened by default.

        dbauth-admin doctor -h db.abc123.eu-west-1.rds.amazonaws.com -U app -d shop \\
          --sslmode verify-full --sslrootcert global-bundle.pem
        dbauth-admin doctor --target orders --format github --format junit=doctor.xml

      The exit status is 0 when nothing is wrong, 1 for findings, 3 when something could not be checked, and 64 for \
      wrong usage. More on a finding: dbauth-admin explain <id>
      """,
    helpNames: .long
  )

  @OptionGroup(title: "Connection") var connection: DoctorConnectionOptions
  @OptionGroup(title: "Credentials") var credentials: DoctorCredentialOptions
  @OptionGroup(title: "Measuring") var measuring: DoctorMeasuringOptions
  @OptionGroup(title: "Choosing checks") var choice: DoctorChoiceOptions
  @OptionGroup(title: "Output") var output: DoctorOutputOptions

  func run() async throws {
    let environment = Environment.process
    let pages = try choice.pages.registry()
    if choice.list { return try Terminal.write(list(pages)) }
    // A reader of stdout that goes away must end neither the run nor the other formats.
    signal(SIGPIPE, SIG_IGN)
    var request = try connection.request(environment)
    try credentials.complete(&request, environment)
    try measuring.complete(&request, environment)
    try choice.complete(&request, pages)
    request.version = Version.current
    request.announce = { Terminal.writeNote($0) }
    LibPQVariables.withdraw()
    let destinations = try output.destinations(targetFile: targetFile(environment))
    let observers = destinations.observers(request)
    let report = await Checkup(request, pages: pages, observers: observers.all).run()
    try await destinations.write(report, observers, failsOnWarnings: choice.failOn == .warn)
    if let status = status(report) { throw status.exit }
  }

  /// Nil is success.
  private func status(_ report: CheckReport) -> ExitStatus? {
    switch report.verdict {
    case .pass: nil
    case .warn: choice.failOn == .warn ? .failure : nil
    case .fail: .failure
    case .incomplete: .incomplete
    }
  }

  /// The target's file, relative to the working directory if it lies below it.
  private func targetFile(_ environment: Environment) -> String? {
    guard connection.target != nil else { return nil }
    let path = connection.config ?? environment["DBAUTH_CONFIG"] ?? "dbauth.yaml"
    func components(_ path: String) -> [Substring] { path.split(separator: "/").filter { $0 != "." } }
    let (parts, folder) = (components(path), components(FileManager.default.currentDirectoryPath))
    guard path.hasPrefix("/") else { return parts.joined(separator: "/") }
    return parts.starts(with: folder)
      ? parts.dropFirst(folder.count).joined(separator: "/") : "/" + parts.joined(separator: "/")
  }

  /// The checks that would be run, with their claims.
  private func list(_ pages: PageRegistry) throws -> String {
    let settings = try ConnectionSettings(ConnectionFlags(), environment: Environment([:]))
    var request = CheckupRequest(settings: settings, environment: Environment([:]), date: Date())
    try choice.complete(&request, pages)
    let reported = Set(Checkup.reported(request).map(\.id))
    var left: Set<String> = []
    // A check comes after those that it needs.
    let checks = CheckSummary.all.filter { check in
      guard reported.contains(check.id), !request.skip.contains(check.id),
        !request.skip.contains(check.stage.rawValue), left.isDisjoint(with: check.requires)
      else {
        left.insert(check.id)
        return false
      }
      return true
    }
    let width = checks.map(\.id.count).max() ?? 0
    return checks.map { check in
      check.id + String(repeating: " ", count: width - check.id.count + 2) + check.claim + "\n"
    }.joined()
  }
}
