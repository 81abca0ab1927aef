internal import AccessModel
internal import ArgumentParser
internal import FoundationEssentials
internal import Signing

/// `token inspect`: what a token says, and what is wrong with it.
struct TokenInspect: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Say what a token is for and what is wrong with it, without showing it.",
    usage: "dbauth-admin token inspect [<options>] < <token>",
    discussion: """
      Reads a token from stdin, or the one in PGPASSWORD. Nothing is asked of AWS or the database. What it is to be used \
      for can be said, and is compared:

        printf %s "$PGPASSWORD" | dbauth-admin token inspect -U app \\
          -h mydb.abc123.eu-west-1.rds.amazonaws.com

      The exit status is 0 for a token without a fault that makes a login fail, and 1 otherwise.
      """,
    helpNames: .long
  )

  @Flag(help: "Inspect the value of PGPASSWORD instead of stdin.")
  var fromEnv = false

  @Option(name: [.customShort("h"), .long], help: "The endpoint that the login goes to.")
  var host: String?

  @Option(name: .shortAndLong, help: "The endpoint's own port, not a tunnel's.")
  var port: String?

  @Option(
    name: [.customShort("U"), .customLong("username"), .customLong("user")], help: "The database user.")
  var username: String?

  @Option(help: "The database's AWS region. (default: what the host's name tells)")
  var region: String?

  @Option(help: "How to print it.")
  var format = PlainFormat.text

  /// PostgreSQL takes passwords of 64 KiB; much more is a file that was meant for something else.
  private static let longest = 1 << 20

  func run() async throws {
    let expected = try expectation()
    let (text, hadLineBreak) = try input()
    let date = Date()
    let report = TokenInspectReport(
      inspection: TokenInspection(text, expected: expected, now: date), length: text.utf8.count,
      hadLineBreak: hadLineBreak, date: date)
    switch format {
    case .text: try Terminal.write(report.text(Terminal.outputStyle))
    case .json: try Terminal.write(report.json())
    }
    if !report.isFine { throw ExitStatus.failure.exit }
  }

  private func expectation() throws -> TokenExpectation {
    let name = try host.map { try HostName($0) }
    // What is no endpoint's name cannot be what a token has to be signed for.
    let endpoint = name.flatMap { DatabaseEndpoint($0) }
    var number: Int?
    if port != nil {
      number = try TokenEndpoint.port(flag: port, environment: Environment([:]), engine: .postgresql)
    }
    return TokenExpectation(
      host: endpoint?.host, port: number, user: username, region: try region.map { try Region($0) },
      service: endpoint.map { $0.kind == .dsql ? .dsql : .rds })
  }

  /// The text to inspect; and whether one line break was taken off its end, as shells and editors put it there.
  private func input() throws -> (text: String, hadLineBreak: Bool) {
    if fromEnv {
      guard let text = Environment.process["PGPASSWORD"] else {
        throw NothingToInspect(source: "PGPASSWORD is not set, or empty")
      }
      return (text, false)
    }
    if StandardInput.isTerminal {
      Terminal.writeError(
        "Reading the token from the terminal, which cuts lines at 4096 characters; end with Ctrl-D.")
    }
    var bytes = try StandardInput.bytes(limit: Self.longest)
    let hadLineBreak = bytes.last == UInt8(ascii: "\n") && bytes.dropLast().last != UInt8(ascii: "\r")
    if hadLineBreak { bytes.removeLast() }
    guard !bytes.isEmpty else { throw NothingToInspect(source: "stdin is empty") }
    return (String(decoding: bytes, as: UTF8.self), hadLineBreak)
  }
}

/// There is no token where one was to be.
struct NothingToInspect: ConfigurationError {
  let source: String

  var description: String {
    """
    there is nothing to inspect: \(source). If a command was to make the token, it failed or wrote to stderr only; run it \
    by itself. More: dbauth-admin explain dsn-no-password
    """
  }
}
