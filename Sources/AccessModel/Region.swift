/// The name of an AWS region, such as `eu-central-1`, in lower case.
public struct Region: Hashable, Sendable, CustomStringConvertible {
  /// The name as AWS writes it.
  public let name: String

  /// Accepts a well-formed region name, in any case.
  ///
  /// The form is two or more words of letters, then a number: `us-gov-west-1`. Whether AWS has such a region is not
  /// asked, so that a region opened tomorrow works today.
  public init(_ text: String) throws(RegionError) {
    guard let region = Region(wellFormed: text) else { throw RegionError(text: text) }
    self = region
  }

  /// The region that `text` names, or nil when it does not have the form of one.
  public init?(wellFormed text: some StringProtocol) {
    let name = text.lowercased()
    let words = name.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard words.count >= 3, let number = words.last, !number.isEmpty, number.count <= 2,
      number.allSatisfy(\.isASCIIDigit),
      words.dropLast().allSatisfy({ $0.count >= 2 && $0.allSatisfy(\.isASCIILowercase) })
    else { return nil }
    self.name = name
  }

  public var description: String { name }

  /// The partition that the region's name tells.
  public var partition: Partition {
    let named = Partition.allCases.first {
      !$0.regionPrefix.isEmpty && name.hasPrefix($0.regionPrefix + "-")
    }
    return named ?? .aws
  }

  /// Whether the name belongs to a partition that is known here. A name of four words that no known partition has
  /// may belong to one that AWS opens later; `partition` then says `aws` for want of a better answer.
  public var hasCertainPartition: Bool {
    partition != .aws || name.count(where: { $0 == "-" }) == 2
  }
}

/// A text that cannot be the name of a region.
public struct RegionError: ConfigurationError, Hashable {
  public let text: String

  public var description: String {
    let shown = text.isEmpty ? "an empty text" : "“\(text)”"
    return "\(shown) is not the name of an AWS region; they look like eu-central-1 or us-gov-west-1"
  }
}
