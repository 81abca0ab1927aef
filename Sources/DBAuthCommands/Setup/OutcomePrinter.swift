internal import AccessModel
internal import ArgumentParser
internal import Provisioning
internal import Reporting

/// How a result is printed.
enum ResultFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json
}

/// Says where the journal is before the first change, and at the end what came of a run.
struct OutcomePrinter {
  let format: ResultFormat
  let verbose: Bool
  let journal: String

  var revertCommand: String { "dbauth-admin setup revert \(ShellText.option("--journal", journal))" }

  /// Names the journal on stderr, so that whoever is cut off in the middle knows what to go back with.
  ///
  /// - Throws: `SetupProblem` when neither stderr nor stdout takes it.
  func announceJournal() throws {
    let line = "Journal: \(journal.escapedForDisplay)"
    if Terminal.writeError(line) { return }
    // JSON has the journal's name itself, in the end.
    guard format == .text, (try? Terminal.write(line + "\n")) != nil else {
      throw SetupProblem(
        .refused, "nobody-listens", "neither standard error nor standard output can be written to",
        why: "nobody would know where the journal is; nothing was changed", fix: "leave one of them open")
    }
  }

  /// Prints what came of plans.
  ///
  /// - Returns: failure when not everything was done, or when stdout did not take it; stderr has it then.
  func print(_ plans: [Plan], _ outcome: BatchOutcome) throws -> ExitStatus {
    do {
      switch format {
      case .json: try Terminal.write(try PlanJSON(plans, outcome: outcome, journal: journal).text())
      case .text: try Terminal.write("\n" + text(outcome, Terminal.outputStyle))
      }
      return outcome.isComplete ? .success : .failure
    } catch let error as OutputError {
      Terminal.writeError("Error: \(error)\n\n\(text(outcome, Terminal.errorStyle))")
      return .failure
    }
  }

  private func text(_ outcome: BatchOutcome, _ style: OutputStyle) -> String {
    OutcomeText(outcome, style: style, again: "run the same command again", verbose: verbose).text
  }
}
