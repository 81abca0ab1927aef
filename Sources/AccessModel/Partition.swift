/// A part of AWS with its own accounts, names and addresses.
///
/// The identifiers are also what ARNs begin with (`arn:aws-cn:…`). Regions, DNS suffixes and the patterns that tell
/// a region's partition are those of botocore's `partitions.json`.
public enum Partition: String, CaseIterable, Sendable, CustomStringConvertible {
  case aws
  case china = "aws-cn"
  case govCloud = "aws-us-gov"
  case iso = "aws-iso"
  case isoB = "aws-iso-b"
  case isoE = "aws-iso-e"
  case isoF = "aws-iso-f"
  case europeanSovereign = "aws-eusc"

  /// The identifier, as written in an ARN: `aws-us-gov`.
  public var id: String { rawValue }

  public var description: String { rawValue }

  /// What every ARN of this partition begins with: `arn:aws-cn`.
  public var arnPrefix: String { "arn:\(rawValue)" }

  /// The suffix of the partition's service host names, without a leading dot: `amazonaws.com.cn`.
  public var dnsSuffix: String {
    switch self {
    case .aws, .govCloud: "amazonaws.com"
    case .china: "amazonaws.com.cn"
    case .iso: "c2s.ic.gov"
    case .isoB: "sc2s.sgov.gov"
    case .isoE: "cloud.adc-e.uk"
    case .isoF: "csp.hci.ic.gov"
    case .europeanSovereign: "amazonaws.eu"
    }
  }

  /// What the names of this partition's regions begin with, without the hyphen. Empty for `aws`, whose regions
  /// begin with a continent.
  var regionPrefix: String {
    switch self {
    case .aws: ""
    case .china: "cn"
    case .govCloud: "us-gov"
    case .iso: "us-iso"
    case .isoB: "us-isob"
    case .isoE: "eu-isoe"
    case .isoF: "us-isof"
    case .europeanSovereign: "eusc"
    }
  }
}
