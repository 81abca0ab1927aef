public import AccessModel

/// The address of a database in a Terraform configuration, and the expression that gives its resource id.
///
///     aws_db_instance.app          aws_db_instance.app.resource_id
///     data.aws_rds_cluster.app     data.aws_rds_cluster.app.cluster_resource_id
///     aws_db_proxy.app             split(":", aws_db_proxy.app.arn)[6]
///     module.db.resource_id        itself: a module's output is an id already
///     module.db.proxy_arn          split(":", module.db.proxy_arn)[6]
public struct TerraformReference: Hashable, Sendable {
  public let address: String
  /// An expression in Terraform's language, without `${ }`.
  public let resourceID: String

  public init(_ address: String) throws(TerraformReferenceError) {
    guard let words = Self.words(of: address) else {
      throw TerraformReferenceError(address: address, problem: .malformed)
    }
    self.address = address
    let names = words.map(\.name)
    if names[0] == "module" {
      guard names.count == 3, words[0].isBare else {
        let problem: TerraformReferenceError.Problem = names.count > 3 ? .insideModule : .malformed
        throw TerraformReferenceError(address: address, problem: problem)
      }
      resourceID = names[2].hasSuffix("arn") ? Self.lastPart(of: address) : address
      return
    }
    let resource = names[0] == "data" ? names.dropFirst() : names[...]
    guard resource.count == 2, words.dropLast().allSatisfy(\.isBare) else {
      throw TerraformReferenceError(address: address, problem: .malformed)
    }
    switch resource.first {
    case "aws_db_instance": resourceID = "\(address).resource_id"
    case "aws_rds_cluster": resourceID = "\(address).cluster_resource_id"
    case "aws_db_proxy": resourceID = Self.lastPart(of: "\(address).arn")
    default: throw TerraformReferenceError(address: address, problem: .otherType)
    }
  }

  /// A proxy's id stands in the seventh part of its ARN only: `arn:aws:rds:eu-west-1:123456789012:db-proxy:prx-…`.
  private static func lastPart(of arn: String) -> String { "split(\":\", \(arn))[6]" }

  /// A name of an address, with `[0]` or `["key"]` behind it or bare.
  private struct Word {
    let name: String
    let isBare: Bool
  }

  /// The names between the dots, or nil for a text that is no address.
  private static func words(of address: String) -> [Word]? {
    var words: [Word] = []
    var rest = address[...]
    while true {
      let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
      guard let first = name.first, first.isLetter || first == "_" else { return nil }
      rest = rest[name.endIndex...]
      let isBare = rest.first != "["
      if !isBare {
        guard let close = rest.firstIndex(of: "]"), isIndex(rest[..<close].dropFirst()) else { return nil }
        rest = rest[close...].dropFirst()
      }
      words.append(Word(name: String(name), isBare: isBare))
      guard let separator = rest.first else { return words.count >= 2 ? words : nil }
      guard separator == "." else { return nil }
      rest.removeFirst()
    }
  }

  /// A number, or a key in quotes that needs no escaping.
  private static func isIndex(_ text: Substring) -> Bool {
    if !text.isEmpty, text.utf8.allSatisfy(\.isASCIIDigit) { return true }
    guard text.count >= 3, text.first == "\"", text.last == "\"" else { return false }
    return text.dropFirst().dropLast().utf8.allSatisfy { $0.isASCIIAlphanumeric || "_-./ ".utf8.contains($0) }
  }
}

/// A text that is not the address of a database in Terraform.
public struct TerraformReferenceError: ConfigurationError, Hashable {
  enum Problem: Sendable, Hashable {
    case malformed, otherType, insideModule
  }

  public let address: String
  let problem: Problem

  public var description: String {
    let shown = address.escapedForDisplay
    return switch problem {
    case .malformed:
      "“\(shown)” is not the address of a Terraform resource; they look like aws_db_instance.app or data.aws_rds_cluster.app"
    case .otherType:
      """
      “\(shown)” is no database that IAM lets people log in to; aws_db_instance, aws_rds_cluster and aws_db_proxy are. \
      Of an Aurora cluster's instances, refer to the cluster.
      """
    case .insideModule:
      """
      “\(shown)” is inside a module, where Terraform does not let other modules look; give the module an output \
      with the resource id (or a proxy's ARN) and refer to that: module.NAME.OUTPUT
      """
    }
  }
}
