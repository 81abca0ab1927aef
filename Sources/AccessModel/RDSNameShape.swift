/// The parts of an endpoint's name, told apart label by label.
struct RDSNameShape {
  let kind: DatabaseEndpoint.Kind
  let identifier: String
  let region: Region?
  let partition: Partition
  var isFIPS = false

  /// Reads `<identifier>.<prefix-hash>.<tail>`, where the tail has the region before or after `rds`.
  ///
  /// The second label may be missing (`prod-instance.us-east-1.rds.amazonaws.com`, as older documentation and the
  /// SDKs' own tests write it); that is an instance, too.
  init?(_ labels: [Substring]) {
    guard let (suffix, head) = Partition.bySuffix(of: labels), head.count >= 3 else { return nil }
    let (last, beforeLast) = (head[head.endIndex - 1], head[head.endIndex - 2])

    let regionLabel: Substring
    if Self.services.contains(last) {
      (regionLabel, isFIPS) = (beforeLast, last == "rds-fips")
    } else if Self.services.contains(beforeLast) {
      (regionLabel, isFIPS) = (last, beforeLast == "rds-fips")
    } else {
      return nil
    }

    let database = head.dropLast(2)
    guard let first = database.first, database.allSatisfy(Self.isIdentifier),
      let kind = Self.kind(of: database)
    else { return nil }
    self.kind = kind
    identifier = String(first)
    if kind == .global {
      guard regionLabel == "global" else { return nil }
      (region, partition) = (nil, suffix)
    } else {
      guard let region = Region(wellFormed: regionLabel) else { return nil }
      guard region.partition.dnsSuffix == suffix.dnsSuffix else { return nil }
      (self.region, partition) = (region, region.partition)
    }
  }

  /// Reads `<identifier>.dsql.<region>.on.aws`. Through PrivateLink the second label carries a suffix:
  /// `dsql-fnh4`.
  init?(dsql labels: [Substring]) {
    guard labels.count == 5, labels[3] == "on", labels[4] == "aws",
      labels[1] == "dsql" || labels[1].hasPrefix("dsql-"), labels.prefix(2).allSatisfy(Self.isIdentifier),
      let region = Region(wellFormed: labels[2])
    else { return nil }
    (kind, identifier, self.region, partition) = (.dsql, String(labels[0]), region, region.partition)
  }

  /// Letters, digits and hyphens, as AWS has them. DNS itself lets any byte be in a name, `$(…)` and `##vso[…]` too, and
  /// endpoints are printed to be pasted.
  private static func isIdentifier(_ label: Substring) -> Bool {
    label.utf8.allSatisfy { $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "-") }
  }

  private static let services: [Substring] = ["rds", "rds-fips"]

  /// Prefixes of the second label, longest first where one begins another.
  private static let prefixes: [(Substring, DatabaseEndpoint.Kind)] = [
    ("cluster-ro-", .reader), ("cluster-custom-", .custom), ("cluster-", .cluster), ("proxy-", .proxy),
    ("global-", .global), ("shardgrp-", .shardGroup),
  ]

  /// What `<identifier>[.endpoint][.<prefix-hash>]` names, or nil when there are labels of another kind.
  private static func kind(of database: ArraySlice<Substring>) -> DatabaseEndpoint.Kind? {
    let rest = database.dropFirst()
    guard let hash = rest.last else { return .instance }
    let kind = prefixes.first { hash.hasPrefix($0.0) && hash.count > $0.0.count }?.1
    switch rest.count {
    case 1:
      if let kind { return kind }
      return hash.utf8.allSatisfy(\.isASCIIAlphanumeric) ? .instance : nil
    case 2: return kind == .proxy && rest.first == "endpoint" ? .proxy : nil
    default: return nil
    }
  }
}
