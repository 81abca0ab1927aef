import AccessModel
import TemplateFiles
import Testing

@testable import Policies

@Suite("The connect policy")
struct ConnectPolicyTests {
  private static let database = "db-ABCDEFGHIJKLMNOPQRSTUVWXYZ"

  private func policy(
    region: String? = "eu-west-1", account: String? = "123456789012", ids: [String] = [database],
    references: [String] = [], users: [String] = ["app"]
  ) throws -> ConnectPolicy {
    try ConnectPolicy(
      region: region.map { try Region($0) }, account: account.map { try AccountID($0) },
      databases: ids.map { .id(try ResourceID($0)) }
        + references.map { .reference(try TerraformReference($0)) },
      users: users.map { try PolicyUser(exactly: $0) })
  }

  @Test("the JSON form is the whole document")
  func json() throws {
    #expect(
      try policy(users: ["app", "a\"b\\${x}*?"]).render(.json) == #"""
        {
          "Version": "2012-10-17",
          "Statement": [
            {
              "Sid": "ConnectToRdsByIam",
              "Effect": "Allow",
              "Action": ["rds-db:connect"],
              "Resource": [
                "arn:aws:rds-db:eu-west-1:123456789012:dbuser:db-ABCDEFGHIJKLMNOPQRSTUVWXYZ/app",
                "arn:aws:rds-db:eu-west-1:123456789012:dbuser:db-ABCDEFGHIJKLMNOPQRSTUVWXYZ/a\"b\\${$}{x}${*}${?}"
              ]
            }
          ]
        }

        """#)
  }

  @Test("the Terraform form is a snippet of a document and a policy")
  func terraform() throws {
    #expect(
      try policy(users: ["a\"b\\${x}*%{"]).render(.terraform) == #"""
        # Lets its bearer log in to the databases below with an IAM token instead of a password.

        data "aws_iam_policy_document" "connect_to_rds_by_iam" {
          statement {
            sid    = "ConnectToRdsByIam"
            effect = "Allow"

            actions = ["rds-db:connect"]

            resources = [
              "arn:aws:rds-db:eu-west-1:123456789012:dbuser:db-ABCDEFGHIJKLMNOPQRSTUVWXYZ/a\"b\\$${$}{x}$${*}%%{",
            ]
          }
        }

        resource "aws_iam_policy" "connect_to_rds_by_iam" {
          name   = "ConnectToRdsByIam"
          policy = data.aws_iam_policy_document.connect_to_rds_by_iam.json
        }

        """#)
  }

  @Test("what is not given is looked up by Terraform, and what is given is not")
  func lookups() throws {
    let nothing = try policy(region: nil, account: nil, ids: [], references: ["aws_db_instance.app"])
      .render(.terraform)
    for data in ["aws_partition", "aws_region", "aws_caller_identity"] {
      #expect(nothing.contains("data \"\(data)\" \"connect_to_rds_by_iam\" {}\n"))
    }
    #expect(nothing.contains(":dbuser:${aws_db_instance.app.resource_id}/app\""))
    let everything = try policy(ids: [], references: ["aws_db_instance.app"]).render(.terraform)
    #expect(
      everything.contains(
        "\"arn:aws:rds-db:eu-west-1:123456789012:dbuser:${aws_db_instance.app.resource_id}/app\""))
    #expect(!everything.contains("data \"aws_region\""))
  }

  @Test("every database is combined with every user, once")
  func combinations() throws {
    let policy = try policy(
      ids: [Self.database, "cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ", Self.database], users: ["a", "b", "a"])
    #expect(
      policy.resources.compactMap(\.text).map { $0.split(separator: ":").last } == [
        "db-ABCDEFGHIJKLMNOPQRSTUVWXYZ/a", "db-ABCDEFGHIJKLMNOPQRSTUVWXYZ/b",
        "cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ/a", "cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ/b",
      ])
  }

  @Test(
    "ARNs begin with the region's partition",
    arguments: [
      ("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"),
      ("us-iso-east-1", "aws-iso"),
      ("us-isob-east-1", "aws-iso-b"), ("eu-isoe-west-1", "aws-iso-e"), ("us-isof-south-1", "aws-iso-f"),
      ("eusc-de-east-1", "aws-eusc"),
    ])
  func partitions(region: String, partition: String) throws {
    #expect(try policy(region: region).render(.json).contains("\"arn:\(partition):rds-db:\(region):"))
  }

  @Test("a partition that the region is not in is refused")
  func contradiction() throws {
    let error = #expect(throws: PartitionContradiction.self) {
      try ConnectPolicy(
        partition: .aws, region: Region("cn-north-1"), account: nil, databases: [], users: [])
    }
    #expect(error?.description.contains("aws-cn") == true)
    #expect(throws: PartitionContradiction.self) {
      try ConnectPolicy(
        partition: .china, region: Region("eu-west-1"), account: nil, databases: [], users: [])
    }
    let opened = try ConnectPolicy(
      partition: .isoE, region: Region("xy-later-north-1"), account: nil, databases: [], users: [])
    #expect(opened.partition == .isoE)
  }

  @Test("the JSON form says what it needs, and takes no Terraform address")
  func jsonNeedsEverything() throws {
    #expect(throws: PolicyRenderingError.missing(flag: "--account")) {
      try policy(account: nil).render(.json)
    }
    #expect(throws: PolicyRenderingError.missing(flag: "--region")) { try policy(region: nil).render(.json) }
    #expect(throws: PolicyRenderingError.referenceInJSON(address: "aws_db_instance.app")) {
      try policy(references: ["aws_db_instance.app"]).render(.json)
    }
  }

  @Test("a name that Terraform's provider would change is refused in its forms only")
  func ampersand() throws {
    let policy = try policy(users: ["a&{b"])
    #expect(throws: PolicyRenderingError.ampersand(user: "a&{b")) { try policy.render(.terraform) }
    #expect(try policy.render(.json).contains("/a&{b\""))
  }

  @Test("a document longer than IAM takes is refused, and the limit is IAM's, not one less")
  func length() throws {
    /// The length that IAM counts for a document with `users`, from the rendered text itself.
    func counted(_ users: [String]) throws -> Int {
      try policy(users: users).render(.json).filter { !$0.isWhitespace }.count
    }
    var users = (0..<70).map { "user\(100 + $0)" }
    let room = ConnectPolicy.longestDocument - (try counted(users))
    try #require((2..<110).contains(room))
    // A name has room for 63 bytes: the rest is shared by two.
    users[0] += String(repeating: "x", count: room / 2)
    users[1] += String(repeating: "x", count: room - room / 2)
    #expect(try counted(users) == ConnectPolicy.longestDocument)
    users[0] += "x"
    #expect(throws: PolicyRenderingError.tooLong(length: 6_145, resources: 70)) {
      try policy(users: users).render(.json)
    }
  }

  @Test(
    "a policy's name gives its label",
    arguments: [
      ("ConnectToRdsByIam", "connect_to_rds_by_iam"), ("app-db", "app_db"), ("RDSAccess", "rdsaccess"),
      ("9x", "_9x"),
      ("a.b@c", "a_b_c"), ("+", "_"),
    ])
  func label(name: String, label: String) throws {
    #expect(try PolicyName(name).label == label)
  }

  @Test("the folder's templates are in the binary, under their paths")
  func templates() {
    #expect(TemplateFiles.all.map(\.path).contains("policy/connect.json.mustache"))
    for format in PolicyFormat.allCases { #expect(TemplateFiles[format.template] != nil) }
    #expect(TemplateFiles["policy/connect"] == nil)
  }
}
