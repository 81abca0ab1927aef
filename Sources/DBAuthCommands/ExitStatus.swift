internal import AccessModel
internal import ArgumentParser

/// What the process tells its caller: the numbers of the README's table, which scripts rely on.
public enum ExitStatus: Int32, Sendable {
  /// Done, nothing to report.
  case success = 0
  /// Failed, or findings.
  case failure = 1
  /// `setup plan --detailed-exitcode`: changes are pending.
  case changesPending = 2
  /// Something needed could not be checked.
  case incomplete = 3
  /// Wrong usage or configuration; `EX_USAGE` of sysexits.h, which ArgumentParser uses as well.
  case usage = 64

  /// The status that an error thrown by a command ends the process with, unless the error is ArgumentParser's own.
  public init(for error: any Error) {
    self = error is any ConfigurationError ? .usage : .failure
  }

  /// The value to throw from a command that has already said what there is to say.
  var exit: ExitCode { ExitCode(rawValue) }
}
