import Testing

@Suite("policy connect")
struct PolicyCommandTests {
  private static let database = ["--resource-id", "db-ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
  private static let place = ["--account", "123456789012", "--region", "eu-west-1"]

  @Test(
    "a mistake has a message of its own and status 64",
    arguments: [
      (place + database, "--db-user"),
      (place + ["--db-user", "app"], "--resource-id"),
      (place + ["--db-user", "app", "--resource-id", "orders"], "--db-instance-identifier orders "),
      (database + ["--db-user", "app", "--region", "eu-west-1"], "--account"),
      (database + ["--db-user", "app", "--account", "123456789012"], "--region"),
      (database + ["--db-user", "app", "--account", "1234"], "twelve digits"),
      (place + database + ["--db-user", "*"], "--allow-wildcard"),
      (place + ["--db-user", "app", "--resource-id", "db-*"], "--allow-wildcard"),
      (place + database + ["--db-user", "app", "--partition", "aws-cn"], "partition"),
      (place + database + ["--db-user", "app", "--partition", "moon"], "aws-us-gov"),
      (place + ["--db-user", "app", "--resource-ref", "aws_db_instance.app"], "--format terraform"),
      (place + ["--db-user", "app", "--resource-ref", "aws_vpc.app"], "aws_rds_cluster"),
      (place + database + ["--db-user", ""], "empty"),
      (place + database + ["--db-user", "app", "--name", "a b"], "policy's name"),
    ])
  func mistakes(arguments: [String], message: String) async throws {
    let outcome = try await Program.run(["policy", "connect"] + arguments)
    #expect(outcome.status == 64)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  @Test("what a wildcard opens is said on stderr, and the document is on stdout alone")
  func wildcard() async throws {
    let outcome = try await Program.run(
      ["policy", "connect"] + Self.place + ["--db-user", "*", "--resource-id", "*", "--allow-wildcard"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains(":dbuser:*/*\""))
    let warnings = outcome.errors.split(separator: "\n")
    #expect(warnings.count == 2)
    #expect(warnings.allSatisfy { $0.hasPrefix("warning: ") })
    #expect(outcome.errors.contains("every database in the account and region"))
    #expect(outcome.errors.contains("every user that may log in by IAM"))
  }
}
