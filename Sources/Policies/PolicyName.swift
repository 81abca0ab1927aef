public import AccessModel

/// A managed policy's name, which Terraform's labels are made of.
public struct PolicyName: Hashable, Sendable, CustomStringConvertible {
  public let description: String

  /// Accepts what IAM does: 1 to 128 letters, digits and `+=,.@-_`.
  public init(_ text: String) throws(PolicyNameError) {
    guard 1...128 ~= text.utf8.count,
      text.utf8.allSatisfy({ $0.isASCIIAlphanumeric || "+=,.@-_".utf8.contains($0) })
    else { throw PolicyNameError(text: text) }
    description = text
  }

  private init(valid text: String) {
    description = text
  }

  public static let standard = PolicyName(valid: "ConnectToRdsByIam")

  /// The name as a Terraform label: `connect_to_rds_by_iam`.
  var label: String {
    var label = ""
    var previous: UInt8 = UInt8(ascii: "_")
    for byte in description.utf8 {
      if byte.isASCIIAlphanumeric {
        if byte.isASCIIUppercase, !previous.isASCIIUppercase, label.last != "_", !label.isEmpty {
          label += "_"
        }
        label += Character(Unicode.Scalar(byte)).lowercased()
      } else if label.last != "_" {
        label += "_"
      }
      previous = byte
    }
    return label.utf8.first?.isASCIIDigit ?? true ? "_" + label : label
  }
}

/// A text that IAM does not accept as a policy's name.
public struct PolicyNameError: ConfigurationError, Hashable {
  public let text: String

  public var description: String {
    "“\(text.escapedForDisplay)” cannot be a policy's name: IAM takes 1 to 128 letters, digits and any of +=,.@-_"
  }
}
