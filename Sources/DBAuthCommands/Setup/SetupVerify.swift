internal import ArgumentParser
internal import Postgres
internal import Provisioning
internal import Reporting

/// `setup verify`: re-checks every promise from a connection of its own.
struct SetupVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check that everything is as apply promised; --login logs in with a token.",
    discussion:
      "Changes nothing. Exit status: 0 when every promise holds, 1 otherwise, 3 when one could not be checked."
  )

  @OptionGroup(title: "Connection") var connection: ConnectionOptions
  @OptionGroup(title: "Setup") var setup: SetupOptions
  @OptionGroup var journal: SetupJournalOptions
  @OptionGroup(title: "Login") var login: SetupLoginOptions

  @Option(help: "How to print it: text or json.")
  var format = ResultFormat.text

  @OptionGroup var detail: SetupDetailOptions

  func run() async throws {
    var promises: [Guard] = []
    try await SetupFailure.reporting {
      try setup.request.checkNames()
      var sessions = try await SetupSessions.open(connection, all: setup.allDatabases)
      for database in sessions.databases {
        let session = try await sessions.session(database)
        let path = journal.path(
          host: sessions.first.host, port: sessions.first.port, database: sessions.first.database)
        let before = try SetupJournalOptions.membersBefore(path, database: session.database)
        promises += try await Verification(
          session: session, request: setup.request, membersBefore: before,
          journal: SetupJournalOptions.existing(path)
        ).promises()
      }
      if login.login {
        promises.append(
          await login.attempt(
            connection, at: sessions.first, user: setup.iamUser, connectTimeout: sessions.connectTimeout))
      }
    }
    switch format {
    case .json: try Terminal.write(try VerificationJSON(promises).text())
    case .text:
      let style = Terminal.outputStyle
      let failed = promises.filter { $0.status == .fail }.count
      let unknown = promises.filter { $0.status == .unknown }.count
      let verdict =
        failed > 0
        ? "\(failed) of \(promises.count) promises do not hold."
        : unknown > 0
          ? "\(unknown) of \(promises.count) promises could not be checked." : "Everything is as promised."
      var text = ""
      GuardLine.write(promises, style, verbose: detail.verbose) { text += $0 }
      try Terminal.write("\(text)\n\(verdict)\n")
    }
    if promises.contains(where: { $0.status == .fail }) { throw ExitStatus.failure.exit }
    if promises.contains(where: { $0.status == .unknown }) { throw ExitStatus.incomplete.exit }
  }
}
