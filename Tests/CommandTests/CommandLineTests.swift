import ArgumentParser
import Testing

@testable import DBAuthCommands

@Suite("The command line")
struct CommandLineTests {
  static let commands = [
    [], ["token"], ["token", "rds"], ["token", "dsql"], ["policy"], ["policy", "connect"],
    ["token", "inspect"], ["explain"], ["doctor"], ["checks"], ["checks", "list"], ["setup"],
    ["setup", "plan"],
    ["setup", "apply"], ["setup", "verify"], ["setup", "revert"],
  ]

  @Test("help goes to stdout, fits a narrow terminal, and leaves -h to the host", arguments: commands)
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

  @Test("help shows defaults as they are written", arguments: commands)
  func defaults(path: [String]) async throws {
    let outcome = try await Program.run(path + ["--help"], environment: ["COLUMNS": "200"])
    for part in outcome.output.split(separator: "default: ").dropFirst() {
      // A Swift value's description would have its type's name and an opening parenthesis.
      let value = part.prefix { $0 != ")" && $0 != "\n" }
      #expect(!value.contains("("), "\(value)")
    }
    if path.last == "plan" { #expect(outcome.output.contains("(default: 2s)")) }
  }

  @Test(
    "a word that is none of an option's values, and an option that is none, get the nearest",
    arguments: [
      ("setup plan --iam-user a --include publicatoin", "“publication”"),
      ("setup plan --iam-user a --include large-objects", "“large-object”"),
      ("setup plan --iam-user a --mode diret", "“direct”"),
      ("setup apply --iam-user a --format JSON", "“json”"),
      ("setup plan --iam-user a --policy-format terrafrom", "“terraform”"),
      ("policy connect --format tarraform", "“terraform”"), ("doctor --fail-on wran", "“warn”"),
      ("token rds --format txt", "“text”"), ("setup aply", "“apply”"),
      ("setup plan --iam-usr a", "“--iam-user”"),
      ("setup plan --iam-user a --keep-acess b", "'--keep-access'"),
    ])
  func nearest(line: String, meant: String) async throws {
    let outcome = try await Program.run(line.split(separator: " ").map(String.init), environment: [:])
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("Did you mean \(meant)?"), "\(outcome.errors)")
  }

  @Test(
    "an option of setup with one value is given once",
    arguments: [
      "setup plan --iam-user a --iam-user b", "setup apply --iam-user=a --iam-user a --yes",
      "setup revert --journal a --journal=b", "setup --iam-user a --mode direct --mode owner-role",
    ])
  func repeated(line: String) async throws {
    let outcome = try await Program.run(line.split(separator: " ").map(String.init), environment: [:])
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("is given twice"), "\(outcome.errors)")
  }

  @Test("a terminal that knows no control sequences gets no pager", arguments: [["TERM": "dumb"], [:]])
  func pager(environment: [String: String]) async throws {
    let text = try await Program.runOnTerminal(
      "explain", "tok-wrong-port", environment: environment.merging(["PAGER": "echo paged;"]) { $1 })
    #expect(!text.contains("paged"), "\(text)")
    #expect(!text.contains("\u{1B}"), "\(text)")
    #expect(text.contains("port"), "\(text)")
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
