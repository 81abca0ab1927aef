internal import AccessModel
internal import ArgumentParser
internal import DNS
internal import FoundationEssentials
internal import Identity
internal import Signing

/// `token dsql`: a token for Aurora DSQL.
struct TokenDSQL: DirectCommand {
  static let configuration = CommandConfiguration(
    commandName: "dsql",
    abstract: "Print an IAM token for Aurora DSQL.",
    usage: "dbauth-admin token dsql -h <host> [--admin] [<options>]",
    discussion: """
      The database user is not part of the token; being the user “admin” takes --admin:

        export PGHOST=abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws
        export PGUSER=admin PGSSLMODE=require
        PGPASSWORD="$(dbauth-admin token dsql --admin)" psql postgres

      Stdout gets the token alone, without a line break unless it is a terminal.
      """,
    helpNames: .long
  )
  static let path = ["token", "dsql"]

  @Option(name: [.customShort("h"), .long], help: "The cluster's endpoint. (default: PGHOST)")
  var host: String?

  @Flag(help: "Sign for the user “admin” (dsql:DbConnectAdmin) instead of for any other (dsql:DbConnect).")
  var admin = false

  @Option(
    help: ArgumentHelp("How long the token lives, at most 604800 (one week).", valueName: "seconds"))
  var expiresIn = DSQLToken.defaultLifetime

  @OptionGroup var aws: AWSOptions

  @Option(
    help: ArgumentHelp(
      "The name server to ask about an alias instead of the system's.", valueName: "address[:port]"))
  var dnsServer: String?

  @Option(help: "How to print it: the bare token, or JSON with its time and place.")
  var format = TokenFormat.text

  func validate() throws {
    guard 1...DSQLToken.longestLifetime ~= expiresIn else {
      throw ValidationError(
        "--expires-in \(expiresIn) is not a lifetime that DSQL accepts: 1 to \(DSQLToken.longestLifetime) seconds"
      )
    }
  }

  nonisolated(nonsending) func execute() async throws {
    let environment = Environment.process
    let date = Date()
    let endpoint = try await TokenEndpoint(
      host: host, service: .dsql, aws: aws, environment: environment,
      nameServer: dnsServer.map { try NameServer(parsing: $0) })
    let action: DSQLToken.Action = admin ? .connectAdmin : .connect
    let credentials = try await aws.credentials(environment: environment, at: date)
    let token = DSQLToken.sign(
      host: endpoint.host.name, action: action, region: endpoint.region.region, credentials: credentials,
      lifetime: expiresIn, date: date)
    endpoint.printNotes()
    try TokenReport(
      host: endpoint.host.name, action: action.rawValue, region: endpoint.region, credentials: credentials,
      token: token
    ).print(as: format)
  }
}
