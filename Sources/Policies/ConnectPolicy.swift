public import AccessModel

/// The IAM policy that lets its bearer log in to databases as certain users.
///
/// What is nil is left to Terraform, which asks AWS for it; the JSON form needs everything.
public struct ConnectPolicy: Sendable {
  public let partition: Partition?
  public let region: Region?
  public let account: AccountID?
  public let databases: [PolicyDatabase]
  public let users: [PolicyUser]
  /// The managed policy's name in Terraform, and what its labels are made of.
  public let name: PolicyName

  /// - Parameters:
  ///   - partition: nil takes the region's.
  ///   - databases: each is combined with each of `users`; duplicates are dropped.
  /// - Throws: ``PartitionContradiction``.
  public init(
    partition: Partition? = nil, region: Region?, account: AccountID?, databases: [PolicyDatabase],
    users: [PolicyUser], name: PolicyName = .standard
  ) throws(PartitionContradiction) {
    if let partition, let region, region.partition != partition, region.hasCertainPartition {
      throw PartitionContradiction(partition: partition, region: region)
    }
    self.partition = partition ?? region?.partition
    self.region = region
    self.account = account
    self.databases = databases
    self.users = users
    self.name = name
  }

  /// A policy for known databases and users, as they are named.
  public init(
    region: Region, account: AccountID, resources: [ResourceID], users: [String]
  ) throws {
    try self.init(
      region: region, account: account, databases: resources.map { .id($0) },
      users: users.map { try PolicyUser(exactly: $0) })
  }

  /// The statement's id.
  public static let statementID = "ConnectToRdsByIam"
  /// IAM's limit for a managed policy, in characters that are not white space.
  public static let longestDocument = 6_144

  /// The resources, database by database, without duplicates.
  var resources: [ResourceName] {
    var seen: Set<ResourceName> = []
    return databases.flatMap { database in users.map { resource(database, $0) } }
      .filter { seen.insert($0).inserted }
  }

  private func resource(_ database: PolicyDatabase, _ user: PolicyUser) -> ResourceName {
    let id: ResourceName.Part =
      switch database {
      case .id(let id): .text(id.id)
      case .pattern(let pattern): .text(pattern.description)
      case .reference(let reference): .expression(reference.resourceID)
      }
    return ResourceName([
      .text("arn:"),
      partition.map { .text($0.id) } ?? .expression("data.aws_partition.\(name.label).partition"),
      .text(":rds-db:"),
      region.map { .text($0.name) } ?? .expression("data.aws_region.\(name.label).id"),
      .text(":"),
      account.map { .text($0.digits) } ?? .expression("data.aws_caller_identity.\(name.label).account_id"),
      .text(":dbuser:"), id, .text("/" + user.pattern),
    ])
  }
}

/// An ARN made of texts and of expressions that Terraform works out.
struct ResourceName: Hashable, Sendable {
  enum Part: Hashable, Sendable {
    case text(String)
    case expression(String)
  }

  /// Texts and expressions in turn; no two texts stand side by side.
  let parts: [Part]

  init(_ parts: [Part]) {
    self.parts = parts.reduce(into: []) { joined, part in
      if case .text(let text) = part, case .text(let before)? = joined.last {
        joined[joined.count - 1] = .text(before + text)
      } else {
        joined.append(part)
      }
    }
  }

  /// The whole name, when nothing of it is left to Terraform.
  var text: String? {
    guard parts.count == 1, case .text(let text) = parts[0] else { return nil }
    return text
  }
}

/// A partition that the region is not in.
public struct PartitionContradiction: ConfigurationError, Hashable {
  public let partition: Partition
  public let region: Region

  public var description: String {
    "the region \(region) is in the partition \(region.partition), not in \(partition); leave --partition out"
  }
}
