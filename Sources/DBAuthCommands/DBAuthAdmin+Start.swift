internal import AccessModel
internal import ArgumentParser

extension DBAuthAdmin {
  /// Runs the command line and ends the process with its ``ExitStatus``.
  ///
  /// Help, the version and wrong arguments are ArgumentParser's; every other error is one message on stderr.
  public static func start() async -> Never {
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      exit()
    } catch let error as any ConfigurationError {
      Terminal.writeError("Error: \(error.description)")
      exit(withError: ExitStatus(for: error).exit)
    } catch {
      exit(withError: error)
    }
  }
}
