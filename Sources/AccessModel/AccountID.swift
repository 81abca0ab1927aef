/// The number of an AWS account: twelve digits, the first of which may be zero.
public struct AccountID: Hashable, Sendable, CustomStringConvertible {
  public let digits: String

  /// Accepts twelve digits, also grouped with hyphens as the AWS console shows them.
  public init(_ text: String) throws(AccountIDError) {
    let digits = text.filter { $0 != "-" }
    guard digits.utf8.count == 12, digits.utf8.allSatisfy(\.isASCIIDigit) else {
      throw AccountIDError(text: text)
    }
    self.digits = digits
  }

  public var description: String { digits }
}

/// A text that is not the number of an account.
public struct AccountIDError: ConfigurationError, Hashable {
  public let text: String

  public var description: String {
    """
    “\(text.escapedForDisplay)” is not an AWS account id, which has twelve digits; \
    `aws sts get-caller-identity --query Account --output text` prints yours
    """
  }
}
