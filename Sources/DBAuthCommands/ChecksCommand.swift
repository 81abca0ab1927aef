internal import ArgumentParser

/// `checks`: the group of commands about what doctor and explain know.
struct ChecksCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checks",
    abstract: "See what is checked, and which failures are known.",
    subcommands: [ChecksList.self],
    helpNames: .long
  )
}
