/// An AWS database endpoint, read off its host name.
///
/// The names' shapes are documented page by page by RDS, Aurora, RDS Proxy and Aurora DSQL:
///
///     mydb.abc123.eu-west-1.rds.amazonaws.com                  an instance
///     app.cluster-ro-abc123.rds.cn-north-1.amazonaws.com.cn    a cluster's reader in China
///     app.global-abc123.global.rds.amazonaws.com               a global database's writer: no region
///     abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws         Aurora DSQL
public struct DatabaseEndpoint: Hashable, Sendable {
  /// What the endpoint leads to.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case instance
    /// A cluster's writer.
    case cluster
    /// A cluster's readers (`cluster-ro-`).
    case reader
    /// A cluster's custom endpoint (`cluster-custom-`).
    case custom
    /// RDS Proxy's default endpoint or one of its own (`….endpoint.proxy-`).
    case proxy
    /// A global database's writer, wherever it is at the moment.
    case global
    /// An Aurora Limitless shard group.
    case shardGroup = "shardgrp"
    case dsql
  }

  /// The host name as given, without a trailing dot, in its original case.
  public let host: String
  public let kind: Kind
  /// The first part of the name: the instance's, cluster's or proxy's identifier, in lower case.
  public let identifier: String
  /// The region, where the name tells it: a global database's does not.
  public let region: Region?
  public let partition: Partition
  /// Whether the name is one of the FIPS endpoints (`rds-fips`).
  public let isFIPS: Bool

  /// Recognises an endpoint, or returns nil for a name that is not one: an alias, an address, another service.
  public init?(_ host: HostName) {
    guard host.form == .name else { return nil }
    let labels = host.name.lowercased().split(separator: ".")
    guard let shape = RDSNameShape(labels) ?? RDSNameShape(dsql: labels) else { return nil }
    self.host = host.name
    kind = shape.kind
    identifier = shape.identifier
    region = shape.region
    partition = shape.partition
    isFIPS = shape.isFIPS
  }

  /// Recognises an endpoint in a text, or returns nil.
  public init?(_ text: String) {
    guard let host = try? HostName(text) else { return nil }
    self.init(host)
  }

  /// The region that a name of AWS's tells even where it is no database endpoint: a load balancer in front of one
  /// (`<name>.elb.<region>.amazonaws.com`).
  public static func regionHint(of host: HostName) -> Region? {
    if let endpoint = DatabaseEndpoint(host) { return endpoint.region }
    let labels = host.name.lowercased().split(separator: ".")
    guard let (_, head) = Partition.bySuffix(of: labels) else { return nil }
    guard head.count >= 3, head[head.endIndex - 2] == "elb" else { return nil }
    return Region(wellFormed: head[head.endIndex - 1])
  }
}

extension Partition {
  /// The partitions whose DNS suffix ends `labels`, most specific first, with the labels before the suffix.
  static func bySuffix(of labels: [Substring]) -> (partition: Partition, head: ArraySlice<Substring>)? {
    for partition in allCases {
      let suffix = partition.dnsSuffix.split(separator: ".")
      guard labels.count > suffix.count, labels.suffix(suffix.count).elementsEqual(suffix) else { continue }
      return (partition, labels.dropLast(suffix.count))
    }
    return nil
  }
}
