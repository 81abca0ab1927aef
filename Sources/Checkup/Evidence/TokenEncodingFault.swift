/// What a URI builder has done to a token on its way into the password.
public enum TokenEncodingFault: Sendable, Hashable {
  /// The whole token is still encoded as for a URI: `host%3A5432%2F%3FAction%3Dconnect…`.
  case stillEncoded
  /// The escapes that belong to the token are gone: `X-Amz-Credential=AKIA…/20261121/…`.
  case decodedTooOften

  /// Looks at a password; nil for what is no token, and for one as a signer writes it.
  public init?(_ text: String) {
    if !text.contains("?"), text.contains("%3FAction%3D") || text.contains("%3fAction%3d") {
      self = .stillEncoded
      return
    }
    guard let start = text.firstRange(of: "X-Amz-Credential=")?.upperBound else { return nil }
    guard text[start...].prefix(while: { $0 != "&" }).contains("/") else { return nil }
    self = .decodedTooOften
  }
}
