public import AccessModel

/// The database in a policy's resource.
public enum PolicyDatabase: Hashable, Sendable {
  case id(ResourceID)
  /// A resource of the same Terraform configuration, which knows its id.
  case reference(TerraformReference)
  /// Every database whose id matches.
  case pattern(ResourcePattern)
}

/// A resource id with wildcards: `*`, `db-*`.
public struct ResourcePattern: Hashable, Sendable, CustomStringConvertible {
  public let description: String

  /// Accepts a text with at least one `*` or `?` and otherwise only what ids are made of; nil for any other.
  public init?(_ text: String) {
    guard text.contains(where: { $0 == "*" || $0 == "?" }),
      text.utf8.allSatisfy({ $0.isASCIIAlphanumeric || "*?-".utf8.contains($0) })
    else { return nil }
    description = text
  }
}
