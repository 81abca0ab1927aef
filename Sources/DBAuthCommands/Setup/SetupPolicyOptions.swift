internal import AccessModel
internal import ArgumentParser
internal import Files
internal import Policies

/// The IAM policy that setup writes beside its work.
struct SetupPolicyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Also write the IAM policy that allows the IAM user to log in.", valueName: "file"))
  var policyOut: String?

  @Option(help: "The language of the policy.")
  var policyFormat = PolicyFormat.json

  @Option(help: ArgumentHelp("The policy's AWS account.", valueName: "id"))
  var account: String?

  @Option(help: ArgumentHelp("The policy's region.", valueName: "name"))
  var region: String?

  @Option(
    help: ArgumentHelp(
      "The database's resource id: db-…, cluster-… (Aurora) or prx-… (RDS Proxy); repeatable.",
      valueName: "id"))
  var resourceId: [String] = []

  func validate() throws {
    if policyOut == nil, account != nil || region != nil || !resourceId.isEmpty {
      throw ValidationError(
        "--account, --region and --resource-id are for the policy: name its file with --policy-out.")
    }
    if policyOut != nil, resourceId.isEmpty {
      throw ValidationError("--policy-out needs --resource-id: the policy names the database by it.")
    }
  }

  /// The policy's text, made before anything is changed so that wrong arguments are noticed first; nil without
  /// `--policy-out`.
  func render(user: String) throws -> String? {
    guard policyOut != nil else { return nil }
    let policy = try ConnectPolicy(
      partition: nil, region: try region.map { try Region($0) },
      account: try account.map { try AccountID($0) },
      databases: try resourceId.map { .id(try ResourceID($0)) }, users: [try PolicyUser(exactly: user)])
    return try policy.render(policyFormat)
  }

  /// Writes what `render` made.
  func write(_ text: String?) throws {
    guard let policyOut, let text else { return }
    try OutputFile.write(text, to: policyOut)
    Terminal.writeNote("IAM policy written to \(policyOut)")
  }
}
