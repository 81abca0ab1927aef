internal import AccessModel
internal import ArgumentParser
internal import Postgres
internal import Provisioning
internal import Reporting

/// Turns what setup throws into a message and an exit status.
enum SetupFailure {
  /// Runs a command's body.
  ///
  /// - Parameters:
  ///   - again: what to type after the connection was lost.
  ///   - interruption: knows what is in force when the body ends in the middle of its changes.
  static func reporting(
    again: String? = nil, interruption: SignalInterruption? = nil, _ body: () async throws -> Void
  ) async throws {
    let style = Terminal.errorStyle
    do {
      try await body()
    } catch let problem as SetupProblem {
      Terminal.writeError("Error: \(style.wrapped(shown(problem.description)))")
      interruption?.sayInForce()
      throw (problem.kind == .usage ? ExitStatus.usage : .failure).exit
    } catch let error as PostgresError {
      Terminal.writeError("Error: \(style.wrapped(shown(message(error, again))))")
      interruption?.sayInForce()
      throw (isUnknownDatabase(error) ? ExitStatus.usage : .failure).exit
    } catch let error as OutputError where interruption?.isChanging == false {
      Terminal.writeError("Error: \(error)\n  why: nothing was changed")
      throw ExitStatus.failure.exit
    }
  }

  /// A text in which a server's words may be: without secrets, and nothing in it is a command, in whatever CI system.
  private static func shown(_ text: String) -> String {
    WorkflowCommand.neutralised(KnownSecrets.redacted(error: text))
  }

  private static func isUnknownDatabase(_ error: PostgresError) -> Bool {
    error.phase == .connecting && error.message.contains("FATAL:  database \"")
      && error.message.contains("does not exist")
  }

  /// A server's words, whose further lines cannot be taken for lines of ours.
  private static func told(_ words: String) -> String {
    ShownText.lines(words).split(separator: "\n").joined(separator: "\n    ")
  }

  private static func message(_ error: PostgresError, _ again: String?) -> String {
    var lines = [told(error.description)]
    if error.phase == .connecting, let hint = error.hint {
      if let detail = error.detail { lines.append("why: \(told(detail))") }
      lines.append("fix: \(told(hint))")
    }
    if isUnknownDatabase(error) {
      lines.append("fix: psql -l lists the databases; names are case-sensitive here")
    } else if error.needsPassword {
      lines.append("fix: set PGPASSWORD or a password file, or leave out -w to be asked")
    } else if error.sqlstate == "57014" {
      lines.append("fix: a larger --statement-timeout gives the server more time")
    } else if error.phase == .deadline, let hint = error.hint {
      lines.append("fix: \(told(hint))")
    } else if error.phase == .lost, let again {
      lines.append("why: the connection was lost; what had been committed stays, the rest was not begun")
      lines.append("fix: \(again)")
    }
    return lines.joined(separator: "\n  ")
  }
}

extension OutputStyle {
  func wrapped(_ text: String) -> String { wrap(text, indent: "  ") }
}
