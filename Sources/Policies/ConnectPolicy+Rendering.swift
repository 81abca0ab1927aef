public import AccessModel
internal import Mustache
internal import TemplateFiles

extension ConnectPolicy {
  /// The policy as a document of its own, ending with a line break.
  ///
  /// - Throws: ``PolicyRenderingError`` when the format cannot say it, or IAM would not take it.
  public func render(_ format: PolicyFormat) throws -> String {
    if format == .json { try requireEverything() }
    if format != .json, let user = users.first(where: { $0.pattern.contains("&{") }) {
      throw PolicyRenderingError.ampersand(user: user.pattern)
    }
    let length = documentLength
    guard length <= Self.longestDocument else {
      throw PolicyRenderingError.tooLong(length: length, resources: resources.count)
    }
    _ = MustacheContentTypes.registered
    guard let file = TemplateFiles[format.template] else {
      preconditionFailure("the template \(format.template) is not in the binary")
    }
    return try MustacheTemplate(string: file.text).render(context)
  }

  /// What the templates see.
  private var context: [String: Any] {
    [
      "statementID": Self.statementID,
      "name": name.description,
      "label": name.label,
      "needsPartition": partition == nil,
      "needsRegion": region == nil,
      "needsAccount": account == nil,
      "resources": resources.map { ["parts": $0.parts.map(context)] },
    ]
  }

  private func context(_ part: ResourceName.Part) -> [String: Any] {
    switch part {
    case .text(let text): ["text": text]
    // Expressions are code: their quotes are escaped where they stand inside a JSON string, and never in HCL.
    case .expression(let code):
      ["hcl": "${\(code)}", "json": "${\(JSONContent().escapeText(code))}"]
    }
  }

  private func requireEverything() throws {
    let references = databases.compactMap {
      if case .reference(let reference) = $0 { reference.address } else { nil }
    }
    if let address = references.first { throw PolicyRenderingError.referenceInJSON(address: address) }
    if account == nil { throw PolicyRenderingError.missing(flag: "--account") }
    if region == nil { throw PolicyRenderingError.missing(flag: "--region") }
  }

  /// The length that IAM counts: white space outside the resources' names is left out. Expressions are taken to be as
  /// long as the ids that they give.
  private var documentLength: Int {
    let frame =
      #"{"Version":"2012-10-17","Statement":[{"Sid":"","Effect":"Allow","Action":["rds-db:connect"],"Resource":[]}]}"#
    let names = resources.map { resource in
      resource.parts.reduce(3) { length, part in
        switch part {
        case .text(let text): length + JSONContent().escapeText(text).filter { !$0.isWhitespace }.count
        case .expression: length + Self.usualLengthOfExpression
        }
      }
    }
    return frame.count + Self.statementID.count + names.reduce(0, +) - (names.isEmpty ? 0 : 1)
  }

  /// A resource id's 29 characters are the longest of what expressions give.
  private static let usualLengthOfExpression = 29
}

/// A policy that a format or IAM cannot hold.
public enum PolicyRenderingError: ConfigurationError, Hashable {
  /// A flag without which the JSON form cannot be written.
  case missing(flag: String)
  /// A Terraform address in a document that is not Terraform's.
  case referenceInJSON(address: String)
  /// A user whose name the Terraform provider would change.
  case ampersand(user: String)
  case tooLong(length: Int, resources: Int)

  public var description: String {
    switch self {
    case .missing(let flag):
      "the JSON form needs \(flag); only Terraform can find it out by itself (--format terraform)"
    case .referenceInJSON(let address):
      "--resource-ref \(address) needs --format terraform or terraform-json; for the JSON form, give --resource-id"
    case .ampersand(let user):
      """
      the database user “\(user.escapedForDisplay)” has “&{”, which Terraform's AWS provider turns into “${”; use \
      --format json
      """
    case .tooLong(let length, let resources):
      """
      the policy would have \(length) characters for \(resources) combinations of database and user, and IAM takes \
      \(ConnectPolicy.longestDocument) in a managed policy; write several policies, with some of the users each
      """
    }
  }
}
