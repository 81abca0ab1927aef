internal import COpenSSL
public import FoundationEssentials

/// What OpenSSL finds wrong with a presented chain, as libpq would have it verified.
public struct ChainVerification: Sendable, Hashable {
  /// One finding of the verification.
  public struct Issue: Sendable, Hashable, CustomStringConvertible {
    /// `X509_V_ERR_…` of OpenSSL's x509_vfy.h, and the `num=` of `openssl verify`.
    public var code: Int32
    /// In OpenSSL's words: `certificate has expired`.
    public var text: String
    /// The place in the built chain; the server's own certificate is at 0.
    public var depth: Int
    /// The certificate's subject at that place.
    public var subject: String

    public init(code: Int32, text: String, depth: Int = 0, subject: String = "") {
      self.code = code
      self.text = text
      self.depth = depth
      self.subject = subject
    }

    public var description: String { "\(text) (\(code)) at depth \(depth): \(subject)" }
  }

  /// Everything that OpenSSL objected to, in its order; the first is the one that a client reports.
  public var issues: [Issue]
  /// The chain that was built, from the server's certificate towards the root, as far as it could be.
  public var chain: [Certificate]

  public init(issues: [Issue] = [], chain: [Certificate] = []) {
    self.issues = issues
    self.chain = chain
  }

  public var isTrusted: Bool { issues.isEmpty }

  /// Whether OpenSSL reported the given `X509_V_ERR_…`.
  public func has(_ code: Int32) -> Bool { issues.contains { $0.code == code } }
}

extension ChainVerification {
  /// Verifies `chain`, the server's certificate first, against the certificates in `bundle` alone.
  ///
  /// As in libssl: purpose and trust of a TLS server, the security level of this OpenSSL's configuration, whole
  /// chains up to a self-signed root. Names are not looked at; see `Certificate.matches(host:)`.
  ///
  /// - Parameter revoked: looked at for each certificate of the chain; nil: nobody has withdrawn any.
  public static func verify(
    _ chain: [Certificate], against bundle: TrustBundle, at date: Date, revoked: RevocationLists? = nil
  ) -> ChainVerification {
    guard let leaf = chain.first.flatMap({ X509Handle(der: $0.der) }),
      let store = X509_STORE_new(), let context = X509_STORE_CTX_new(),
      let presented = dbauth_certificates_new()
    else {
      return ChainVerification(issues: [Issue(code: X509_V_ERR_UNSPECIFIED, text: "there is no certificate")])
    }
    defer {
      X509_STORE_CTX_free(context)
      X509_STORE_free(store)
      dbauth_certificates_free(presented)
      ERR_clear_error()
    }
    for certificate in bundle.certificates {
      if let root = X509Handle(der: certificate.der) { X509_STORE_add_cert(store, root.pointer) }
    }
    revoked?.add(to: store)
    for certificate in chain.dropFirst() {
      if let handle = X509Handle(der: certificate.der) {
        _ = dbauth_certificates_append(presented, handle.pointer)
      }
    }
    guard X509_STORE_CTX_init(context, store, leaf.pointer, presented) == 1 else {
      return ChainVerification(issues: [Issue(code: X509_V_ERR_OUT_OF_MEM, text: "out of memory")])
    }
    X509_STORE_CTX_set_default(context, "ssl_server")
    X509_STORE_CTX_set_time(context, 0, Int(date.timeIntervalSince1970.rounded(.down)))
    X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(context), securityLevel)

    let objections = Objections()
    withExtendedLifetime(objections) {
      objections.collect(from: context)
      _ = X509_verify_cert(context)
    }
    let built = X509_STORE_CTX_get0_chain(context)
    let certificates = (0..<max(built.map { dbauth_certificates_count($0) } ?? 0, 0)).compactMap {
      dbauth_certificates_at(built, $0).flatMap(Certificate.init(borrowing:))
    }
    return ChainVerification(issues: objections.issues, chain: certificates)
  }

  /// What this OpenSSL's configuration demands of keys and digests; Debian's says 2, OpenSSL's own default is 1.
  private static let securityLevel: Int32 = {
    guard let context = SSL_CTX_new(TLS_client_method()) else { return 1 }
    defer { SSL_CTX_free(context) }
    return SSL_CTX_get_security_level(context)
  }()

  /// Listens to a verification and lets it go on after each objection.
  private final class Objections {
    private(set) var issues: [Issue] = []

    func collect(from context: OpaquePointer) {
      dbauth_store_context_set_argument(context, Unmanaged.passUnretained(self).toOpaque())
      X509_STORE_CTX_set_verify_cb(context) { accepted, context in
        guard accepted == 0, let context, let argument = dbauth_store_context_argument(context) else {
          return 1
        }
        Unmanaged<Objections>.fromOpaque(argument).takeUnretainedValue().note(context)
        return 1
      }
    }

    private func note(_ context: OpaquePointer) {
      let code = X509_STORE_CTX_get_error(context)
      let issue = Issue(
        code: code, text: String(cString: X509_verify_cert_error_string(Int(code))),
        depth: Int(X509_STORE_CTX_get_error_depth(context)),
        subject: X509_STORE_CTX_get_current_cert(context)
          .map { Certificate.text(X509_get_subject_name($0)) } ?? "")
      if !issues.contains(issue) { issues.append(issue) }
    }
  }
}
