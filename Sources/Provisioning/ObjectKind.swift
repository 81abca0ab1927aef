/// A kind of object that has an owner, by the name people type after `--include`.
public enum ObjectKind: String, Sendable, Codable, CaseIterable {
  case schema, table, view, sequence, function, procedure, aggregate, type, domain
  case materializedView = "materialized-view"
  case foreignTable = "foreign-table"
  case collation, conversion, statistics, publication, database
  case `operator`
  case operatorClass = "operator-class"
  case operatorFamily = "operator-family"
  case textSearchConfiguration = "text-search-configuration"
  case textSearchDictionary = "text-search-dictionary"
  case largeObject = "large-object"
  case foreignServer = "foreign-server"
  case defaultPrivileges = "default-privileges"
  /// Views, functions and the like that would do more for others as the new owner's.
  case ownerRights = "owner-rights"

  /// Kinds that are moved only when asked for.
  public static let onRequest: [ObjectKind] = [
    .collation, .conversion, .operator, .operatorClass, .operatorFamily, .textSearchConfiguration,
    .textSearchDictionary, .statistics, .largeObject, .publication, .foreignServer, .database,
    .defaultPrivileges, .ownerRights,
  ]

  /// The words after ALTER.
  var keyword: String {
    rawValue.split(separator: "-").joined(separator: " ").uppercased()
      .replacingSuffix("FOREIGN SERVER", with: "SERVER")
  }

  /// What GRANT … ON calls it, for the kinds that have privileges an owner's successor loses.
  var grantKeyword: String? {
    switch self {
    case .table, .view, .materializedView, .foreignTable: "TABLE"
    case .sequence: "SEQUENCE"
    case .function, .aggregate: "FUNCTION"
    case .procedure: "PROCEDURE"
    case .type: "TYPE"
    case .domain: "DOMAIN"
    case .schema: "SCHEMA"
    case .database: "DATABASE"
    case .foreignServer: "FOREIGN SERVER"
    case .largeObject: "LARGE OBJECT"
    default: nil
    }
  }
}

extension String {
  fileprivate func replacingSuffix(_ suffix: String, with replacement: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) + replacement : self
  }
}
