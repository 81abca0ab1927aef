internal import AccessModel
internal import ArgumentParser
internal import DNS
internal import FoundationEssentials
internal import Identity
internal import Signing

/// `token rds`: a token for RDS, Aurora or RDS Proxy.
struct TokenRDS: DirectCommand {
  static let configuration = CommandConfiguration(
    commandName: "rds",
    abstract: "Print an IAM token for RDS, Aurora or RDS Proxy.",
    usage: "dbauth-admin token rds -h <host> [-p <port>] -U <user> [<options>]",
    discussion: """
      The token is the password of one database user at one endpoint, for new connections within 15 minutes (less if \
      the AWS credentials end earlier). It is made here, without a call to AWS. TLS is required to use it:

        export PGHOST=mydb.abc123.eu-west-1.rds.amazonaws.com PGUSER=app
        export PGSSLMODE=verify-full PGSSLROOTCERT=global-bundle.pem
        PGPASSWORD="$(dbauth-admin token rds)" psql appdb

      Stdout gets the token alone, without a line break unless it is a terminal.
      """,
    helpNames: .long
  )
  static let path = ["token", "rds"]

  @Option(
    name: [.customShort("h"), .long], help: "The endpoint, or an alias (CNAME) of it. (default: PGHOST)")
  var host: String?

  @Option(name: .shortAndLong, help: "The port. (default: PGPORT, or 5432)")
  var port: String?

  @Option(
    name: [.customShort("U"), .long], help: "The database user, in its exact case. (default: PGUSER)")
  var username: String?

  @OptionGroup var aws: AWSOptions

  @Option(
    help: ArgumentHelp(
      "The name server to ask about an alias instead of the system's.", valueName: "address[:port]"))
  var dnsServer: String?

  @Option(help: "How to print it: the bare token, or JSON with its time and place.")
  var format = TokenFormat.text

  nonisolated(nonsending) func execute() async throws {
    let environment = Environment.process
    let date = Date()
    let endpoint = try await TokenEndpoint(
      host: host, service: .rds, aws: aws, environment: environment,
      nameServer: dnsServer.map { try NameServer(parsing: $0) })
    let port = try TokenEndpoint.port(flag: port, environment: environment, engine: .postgresql)
    guard let user = username ?? environment["PGUSER"], !user.isEmpty else {
      throw MissingOption(what: "the database user", flag: "-U/--username", variable: "PGUSER")
    }
    let credentials = try await aws.credentials(environment: environment, at: date)
    let token = RDSToken.sign(
      host: endpoint.host.name, port: port, user: user, region: endpoint.region.region,
      credentials: credentials, date: date)
    endpoint.printNotes()
    try TokenReport(
      host: endpoint.host.name, port: port, user: user, region: endpoint.region, credentials: credentials,
      token: token
    ).print(as: format)
  }
}
