internal import ArgumentParser
internal import Glibc
internal import Provisioning

/// Asks before something is changed.
enum Confirmation {
  /// JSON goes to a program, which cannot be asked.
  static func validate(format: ResultFormat, yes: Bool) throws {
    if format == .json, !yes {
      throw ValidationError("--format json goes with --yes: nobody could be shown what to confirm.")
    }
  }

  /// - Parameter verb: what is done to the changes that were shown: `apply` or `undo`.
  /// - Throws: `SetupProblem` when there is nobody to ask.
  static func given(yes: Bool, to verb: String) throws -> Bool {
    if yes { return true }
    guard isatty(STDIN_FILENO) == 1 else { throw nobody("standard input is not a terminal") }
    guard Terminal.writeErrorRaw("\nEnter yes to \(verb) these changes: ") else {
      throw nobody("standard error is closed, so that the question cannot be shown")
    }
    guard readLine(strippingNewline: true) == "yes" else {
      Terminal.writeError("Nothing was changed.")
      return false
    }
    return true
  }

  private static func nobody(_ reason: String) -> SetupProblem {
    SetupProblem(
      .usage, "not-confirmed", "nobody is there to confirm: \(reason)", why: "nothing was changed",
      fix: "look at setup plan, then add --yes")
  }
}
