internal import ArgumentParser

/// `policy`: the group of commands that write documents for IAM and Terraform.
struct Policy: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the policies that IAM login needs, for IAM or Terraform.",
    subcommands: [PolicyConnect.self]
  )
}
