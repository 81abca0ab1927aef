internal import ArgumentParser

/// `token`: the group of commands that print or read a database token.
struct Token: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a token to log in to a database with, instead of a password, or read one.",
    subcommands: [TokenRDS.self, TokenDSQL.self, TokenInspect.self]
  )
}
