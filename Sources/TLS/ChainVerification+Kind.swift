internal import COpenSSL

extension ChainVerification.Issue {
  /// What is wrong, where a client says only that verification failed.
  public enum Kind: Sendable, Hashable {
    /// An issuer is missing, or is not trusted.
    case untrusted
    case expired
    case notYetValid
    /// On its authority's list of withdrawn certificates.
    case revoked
    /// There is no such list, or none that is valid now.
    case revocationList
    /// Made for something else than a TLS server.
    case purpose
    /// Signed by a certificate that may not sign certificates, or not at this distance from the root.
    case authority
    /// A key or a digest below what OpenSSL's security level demands.
    case weak
    case other
  }

  /// https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/
  public var kind: Kind {
    switch code {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
      X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
      X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_UNTRUSTED:
      .untrusted
    case X509_V_ERR_CERT_HAS_EXPIRED: .expired
    case X509_V_ERR_CERT_NOT_YET_VALID: .notYetValid
    case X509_V_ERR_CERT_REVOKED: .revoked
    case X509_V_ERR_UNABLE_TO_GET_CRL, X509_V_ERR_CRL_NOT_YET_VALID, X509_V_ERR_CRL_HAS_EXPIRED,
      X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER, X509_V_ERR_CRL_SIGNATURE_FAILURE:
      .revocationList
    case X509_V_ERR_INVALID_PURPOSE: .purpose
    case X509_V_ERR_INVALID_CA, X509_V_ERR_PATH_LENGTH_EXCEEDED, X509_V_ERR_KEYUSAGE_NO_CERTSIGN: .authority
    case X509_V_ERR_EE_KEY_TOO_SMALL, X509_V_ERR_CA_KEY_TOO_SMALL, X509_V_ERR_CA_MD_TOO_WEAK: .weak
    default: .other
    }
  }
}
