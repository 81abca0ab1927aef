internal import AccessModel
internal import TLS

/// A GET of `/` whose SigV4 signature travels in its query: the form of every database token of AWS.
///
/// Source: "Authenticating requests: using query parameters" of AWS's Signature Version 4 pages. The request itself
/// is never sent; the server checks the signature over the host, the query and an empty body.
package struct PresignedQuery: Sendable {
  /// The value of the signed `host` header, in lower case, with the port where there is one.
  let signedHost: String
  let scope: CredentialScope
  /// Names and values in the order of emission, unencoded, without the signature.
  let parameters: [(name: String, value: String)]

  /// - Parameters:
  ///   - action: what the token allows, in the service's own parameters: `Action`, and for RDS `DBUser`.
  ///   - lifetime: seconds until the signature ends.
  init(
    signedHost: String, action: [(name: String, value: String)], scope: CredentialScope,
    credentials: AWSCredentials, lifetime: Int
  ) {
    self.signedHost = signedHost.lowercased()
    self.scope = scope
    var parameters = action
    parameters += [
      ("X-Amz-Algorithm", Self.algorithm),
      ("X-Amz-Credential", "\(credentials.accessKeyID)/\(scope)"),
      ("X-Amz-Date", scope.time.basic),
      ("X-Amz-Expires", String(lifetime)),
      ("X-Amz-SignedHeaders", "host"),
    ]
    if let sessionToken = credentials.sessionToken {
      parameters.append(("X-Amz-Security-Token", sessionToken.exposed))
    }
    self.parameters = parameters
  }

  /// The query as emitted, the signature last.
  func signed(with secretAccessKey: Secret) -> String {
    let key = scope.signingKey(secretAccessKey)
    let signature = HMACSHA256.code(of: Array(stringToSign.utf8), key: key).hexadecimal
    return "\(query(sorted: false))&X-Amz-Signature=\(signature)"
  }

  /// The algorithm, its date and scope, and the canonical request's digest, a line each.
  package var stringToSign: String {
    "\(Self.algorithm)\n\(scope.time.basic)\n\(scope)\n\(canonicalRequestDigest)"
  }

  package var canonicalRequestDigest: String {
    SHA256.hexDigest(of: canonicalRequest)
  }

  /// Method, path, query, the one signed header, an empty line, its name, and the digest of the empty body.
  package var canonicalRequest: String {
    "GET\n/\n\(query(sorted: true))\nhost:\(signedHost)\n\nhost\n\(Self.emptyBodyDigest)"
  }

  private func query(sorted: Bool) -> String {
    var encoded = parameters.map { (name: $0.name.percentEncoded, value: $0.value.percentEncoded) }
    // Encoded names are ASCII, so that Swift's order of strings is the order of bytes that SigV4 asks for.
    if sorted { encoded.sort { $0.name < $1.name } }
    return encoded.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
  }

  private static let algorithm = "AWS4-HMAC-SHA256"
  /// SHA-256 of nothing.
  private static let emptyBodyDigest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
}
