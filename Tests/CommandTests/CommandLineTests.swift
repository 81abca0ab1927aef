import ArgumentParser
import Testing

@testable import DBAuthCommands

@Suite("The command line")
struct CommandLineTests {
  @Test(
    "help goes to stdout, fits a narrow terminal, and leaves -h to the host",
    arguments: [
      [], ["token"], ["token", "rds"], ["token", "dsql"], ["policy"], ["policy", "connect"],
      ["token", "inspect"], ["explain"],
      ["checks"], ["checks", "list"],
    ])
  func help(path: [String]) async throws {
    let outcome = try await Program.run(path + ["--help"], environment: ["COLUMNS": "80"])
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    #expect(outcome.output.contains("--help"))
    #expect(!outcome.output.contains("-h, --help"))
    for line in outcome.output.split(separator: "\n") {
      #expect(line.count <= 80, "\(line)")
    }
  }

  @Test("the version is one line")
  func version() async throws {
    let outcome = try await Program.run("--version", environment: [:])
    #expect(outcome.status == 0)
    #expect(outcome.output == Version.current + "\n")
  }

  @Test("commands found without the tree of commands are in the tree under the same words")
  func directCommands() throws {
    for command in DBAuthAdmin.direct {
      let parsed = try DBAuthAdmin.parseAsRoot(command.path)
      #expect(type(of: parsed) == command)
    }
  }

  @Test("an output file on a full disk is a failure that says so")
  func fullDisk() async throws {
    let outcome = try await Program.run(
      "policy", "connect", "--account", "123456789012", "--region", "eu-west-1", "--db-user", "app",
      "--resource-id", "db-ABCDEFGHIJKLMNOPQRSTUVWXYZ", "--output", "/dev/full")
    #expect(outcome.status == 1)
    #expect(outcome.errors == "Error: could not write /dev/full: No space left on device\n")
  }
}
