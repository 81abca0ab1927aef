public import ArgumentParser

/// The root command: it names the subcommands and prints the version.
public struct DBAuthAdmin: AsyncParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "dbauth-admin",
    abstract: "Provision, issue and diagnose database access by identity instead of by password.",
    version: Version.current,
    subcommands: [Setup.self, Policy.self, Token.self, Doctor.self, Explain.self, ChecksCommand.self],
    helpNames: .long
  )

  public init() {}
}

/// The version this binary was built as.
public enum Version {
  public static let current = "0.1.0"
}
