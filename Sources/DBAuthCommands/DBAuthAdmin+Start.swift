internal import AccessModel
internal import ArgumentParser
internal import CMalloc

extension DBAuthAdmin {
  /// Commands that are tried before the tree of all commands is built.
  static let direct: [any DirectCommand.Type] = [TokenRDS.self, TokenDSQL.self]

  /// Runs the command line and ends the process with its ``ExitStatus``.
  ///
  /// Help, the version and wrong arguments are ArgumentParser's; every other error is one message on stderr.
  public static func start(_ arguments: [String] = Array(CommandLine.arguments.dropFirst())) async -> Never {
    // One heap for all threads: a task goes from one to another, and would leave in each one's heap what it has freed.
    mallopt(M_ARENA_MAX, 1)
    Terminal.reserveDescriptors()
    ArgumentSecrets.hideMisplaced(arguments, .process)
    do {
      if let command = direct.lazy.compactMap({ $0.parsed(from: arguments) }).first {
        try await command.execute()
      } else {
        var command = try parsed(arguments)
        if let repeated = RepeatedOption(in: arguments) { throw repeated }
        if var asynchronous = command as? any AsyncParsableCommand {
          try await asynchronous.run()
        } else {
          try command.run()
        }
      }
      exit()
    } catch let error as any ConfigurationError {
      let text = ArgumentSecrets.redactor(arguments).redacted(ShownText.lines(error.description))
      Terminal.writeError("Error: \(KnownSecrets.redacted(error: text))")
      exit(withError: ExitStatus(for: error).exit)
    } catch {
      let status = exitCode(for: error)
      let message = fullMessage(for: error)
      // Help and the version go to stdout; an ExitCode says nothing.
      if status.isSuccess || message.isEmpty { exit(withError: error) }
      Terminal.writeError(UsageMessage(message, arguments: arguments).text)
      exit(withError: status)
    }
  }

  /// The command that `arguments` name, found in the tree of all commands.
  private static func parsed(_ arguments: [String]) throws -> any ParsableCommand {
    do {
      return try parseAsRoot(arguments)
    } catch {
      throw UnknownCommand(in: arguments, below: self)
        ?? MistypedValue(message(for: error), in: arguments)
        ?? MistypedOption(message(for: error), in: arguments) ?? error
    }
  }
}
