internal import AccessModel
internal import ArgumentParser
internal import Files
internal import Policies

/// `policy connect`: the policy that lets its bearer log in as certain database users.
struct PolicyConnect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "connect",
    abstract: "Write the policy that allows logging in with an IAM token.",
    usage: """
      dbauth-admin policy connect --resource-id <id> --db-user <user> …
      dbauth-admin policy connect --resource-ref <address> --db-user <user> …
      """,
    discussion: """
      Every database is combined with every user. The JSON form is the document that IAM takes; the Terraform forms \
      are to be pasted into a configuration, where an account or a region that is not given is looked up:

        dbauth-admin policy connect --account 123456789012 \\
          --region eu-west-1 --db-user app \\
          --resource-id db-ABCDEFGHIJKLMNOPQRSTUVWXYZ

        dbauth-admin policy connect --format terraform \\
          --resource-ref aws_rds_cluster.app --db-user app > connect.tf
      """
  )

  @Option(
    help: ArgumentHelp(
      "A database's resource id: db-…, cluster-… (Aurora) or prx-… (RDS Proxy). Repeatable.", valueName: "id")
  )
  var resourceId: [String] = []

  @Option(
    help: ArgumentHelp(
      "A database of the Terraform configuration: aws_db_instance.app, aws_rds_cluster.app, aws_db_proxy.app. Repeatable.",
      valueName: "address"))
  var resourceRef: [String] = []

  @Option(help: ArgumentHelp("A database user, in its exact case. Repeatable.", valueName: "user"))
  var dbUser: [String] = []

  @Option(help: "The account that the databases are in.")
  var account: String?

  @Option(help: "The region that the databases are in.")
  var region: String?

  @Option(help: "The AWS partition. (default: the region's)")
  var partition: Partition?

  @Option(help: "The language to write.")
  var format = PolicyFormat.json

  @Option(help: "The managed policy's name in Terraform.")
  var name = PolicyName.standard.description

  @Flag(help: "Let * and ? in users and ids match, and ${aws:…} be replaced by IAM.")
  var allowWildcard = false

  @Option(name: .shortAndLong, help: ArgumentHelp("Write to a file instead of stdout.", valueName: "file"))
  var output: String?

  func validate() throws {
    if dbUser.isEmpty { throw ValidationError("Missing expected argument '--db-user <user>'") }
    if resourceId.isEmpty, resourceRef.isEmpty {
      throw ValidationError("Missing expected argument '--resource-id <id>' or '--resource-ref <address>'")
    }
  }

  func run() throws {
    let users = try dbUser.map { try PolicyUser(matching: $0) }
    let databases =
      try resourceId.map { try ResourcePattern($0).map(PolicyDatabase.pattern) ?? .id(ResourceID($0)) }
      + resourceRef.map { .reference(try TerraformReference($0)) }
    let openings = PolicyOpening.all(in: databases, users: zip(dbUser, users))
    if let opening = openings.first, !allowWildcard {
      throw WildcardNotAllowed(opening: opening)
    }
    let policy = try ConnectPolicy(
      partition: partition, region: try region.map { try Region($0) },
      account: try account.map { try AccountID($0) },
      databases: databases, users: users, name: try PolicyName(name))
    let text = try policy.render(format)
    for opening in openings { Terminal.writeNote("warning: \(opening)") }
    if let output {
      try OutputFile.write(text, to: output)
    } else {
      try Terminal.write(data: text)
    }
  }
}
