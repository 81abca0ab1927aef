internal import ArgumentParser

/// A command that stands in front of other programs, so that its start is part of their start.
///
/// ArgumentParser's asynchronous `run()` always changes to a pool of threads, and making the pool takes longer than
/// signing a token. ``execute()`` begins on the thread that it is called on, and stays there unless it has to wait.
/// Such a command is also found by its name alone, without first building the tree of all commands.
protocol DirectCommand: AsyncParsableCommand {
  /// The words that name the command: `["token", "rds"]`.
  static var path: [String] { get }

  /// Does the command's work.
  nonisolated(nonsending) func execute() async throws
}

extension DirectCommand {
  mutating func run() async throws { try await execute() }

  /// The command with its arguments, or nil when `arguments` name another command, or when there is something to
  /// say about them: a mistake, `--help`. Then ArgumentParser's usual way says it.
  static func parsed(from arguments: [String]) -> Self? {
    guard arguments.starts(with: path) else { return nil }
    return try? parse(Array(arguments.dropFirst(path.count)))
  }
}
