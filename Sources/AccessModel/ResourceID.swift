/// The identifier that IAM knows a database by: `db-…`, `cluster-…` or `prx-…`.
///
/// It is not the name a person gave: a policy with a name in this place is accepted by IAM and never matches.
public struct ResourceID: Hashable, Sendable, CustomStringConvertible {
  /// What the identifier names, by its prefix.
  public enum Kind: String, Sendable, CaseIterable {
    case instance = "db-"
    case cluster = "cluster-"
    case proxy = "prx-"
  }

  public let id: String
  public let kind: Kind

  /// Accepts an identifier as RDS issues them; throws with the way to find it for anything else.
  ///
  /// RDS's are `db-` and `cluster-` with 26 upper-case letters and digits, and `prx-` with 17 hexadecimal digits.
  /// AWS's pages show shorter ones, so length and digits are only held against names like `db-main`.
  public init(_ text: String) throws(ResourceIDError) {
    guard let kind = Kind.allCases.first(where: { text.lowercased().hasPrefix($0.rawValue) }) else {
      throw ResourceIDError(text: text, problem: .notAnID)
    }
    let serial = text.dropFirst(kind.rawValue.count).utf8
    guard serial.count >= Self.shortestSerial, serial.allSatisfy(\.isASCIIAlphanumeric),
      serial.contains(where: \.isASCIIDigit) || serial.count == Self.serialLength
    else { throw ResourceIDError(text: text, problem: .notAnID) }
    let wrongCase =
      kind == .proxy
      ? serial.contains(where: \.isASCIIUppercase) && serial.contains(where: \.isASCIILowercase)
      : serial.contains(where: \.isASCIILowercase)
    guard !wrongCase, text.hasPrefix(kind.rawValue) else {
      throw ResourceIDError(text: text, problem: .wrongCase(kind))
    }
    (id, self.kind) = (text, kind)
  }

  public var description: String { id }

  /// Shorter than any serial seen (17), longer than most words people name databases with.
  private static let shortestSerial = 16
  /// The length of the serials of instances and clusters.
  private static let serialLength = 26
}

/// A text that is not a resource id.
public struct ResourceIDError: ConfigurationError, Hashable {
  enum Problem: Sendable, Hashable {
    case notAnID
    case wrongCase(ResourceID.Kind)
  }

  public let text: String
  let problem: Problem

  public var description: String {
    switch problem {
    case .wrongCase(let kind):
      return """
        “\(text)” is written in the wrong case: IAM compares resource ids exactly, and \
        \(kind == .proxy ? "prx- ids are lower case" : "\(kind.rawValue) ids are upper case after the hyphen")
        """
    case .notAnID:
      let name = text.isEmpty ? "NAME" : identifier
      return """
        “\(text.escapedForDisplay)” is not a resource id: IAM knows databases by ids such as \
        db-ABCDEFGHIJKLMNOPQRSTUVWXYZ, not by their names. To find it:
          instance:       aws rds describe-db-instances --db-instance-identifier \(name) \
        --query 'DBInstances[0].DbiResourceId' --output text
          Aurora cluster: aws rds describe-db-clusters --db-cluster-identifier \(name) \
        --query 'DBClusters[0].DbClusterResourceId' --output text
          RDS Proxy:      aws rds describe-db-proxies --db-proxy-name \(name) \
        --query 'DBProxies[0].DBProxyArn' --output text   (the prx-… at its end)
        """
    }
  }

  /// What to ask AWS for: the name in an endpoint or an ARN, or the text itself where it can be pasted safely.
  private var identifier: String {
    if let endpoint = DatabaseEndpoint(text) { return endpoint.identifier }
    let last = text.split(separator: ":").last.map(String.init) ?? text
    let pasteable = last.utf8.allSatisfy { $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "-") }
    return pasteable ? last : "NAME"
  }
}
