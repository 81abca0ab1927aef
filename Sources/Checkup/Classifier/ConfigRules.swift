internal import AccessModel
internal import Signing
internal import TLS
internal import Targets

/// What can be said of the parameters before any packet.
enum ConfigRules {
  static func findings(_ evidence: Evidence) -> [Finding] {
    target(evidence) + tls(evidence) + options(evidence) + password(evidence)
  }

  private static func target(_ evidence: Evidence) -> [Finding] {
    evidence.target.settings.problems.compactMap { problem in
      switch problem.kind {
      case .conninfo where problem.mentionsToken:
        Finding(
          "dsn-token-raw-in-uri", .certain, check: "config-target",
          reason:
            "the URI holds a token whose “?”, “&” and “=” are not percent-encoded, so libpq takes its rest for parameters",
          fix:
            "leave the password out of the URI and set PGPASSWORD, or encode it: quote(token, safe='') in Python"
        )
      case .conninfo: nil
      case .noUser(let userID):
        Finding(
          "dsn-no-os-user", .certain, check: "config-target",
          reason:
            "no user is given, and user id \(userID) has no entry in the password database to take one from",
          fix: "pass -U/--username, or set PGUSER")
      }
    }
  }

  private static func tls(_ evidence: Evidence) -> [Finding] {
    guard let tls = evidence.tls else { return [] }
    let settings = evidence.target.settings
    var findings: [Finding] = []
    func add(_ id: String, _ reason: String, fix: String? = nil, keyword: String = "sslmode") {
      let file = settings.setting(keyword)?.source.file
      findings.append(
        Finding(
          id, .certain, check: "config-tls", reason: reason, fix: fix,
          location: file.map { FileLocation(path: $0.path, line: $0.line) }))
    }
    if !EffectiveTLS.modes.contains(tls.asked) {
      let nearest =
        EffectiveTLS.modes.min { distance($0, tls.asked) < distance($1, tls.asked) } ?? "verify-full"
      add(
        "dsn-sslmode-typo",
        "\(settings.setting("sslmode")?.source ?? .builtIn) says sslmode “\(tls.asked.escapedForDisplay)”, which is none of "
          + EffectiveTLS.modes.joined(separator: ", "),
        fix: "sslmode=\(nearest)")
    }
    if tls.usesSystemRoots, settings.setting("sslmode")?.source != .builtIn, tls.asked != "verify-full" {
      add(
        "dsn-weak-sslmode-system",
        "sslrootcert=system with sslmode=\(tls.asked): libpq 16 and later refuse anything but verify-full",
        fix: "sslmode=verify-full")
    }
    if tls.usesSystemRoots, evidence.libpqVersion < 160_000 {
      add(
        "dsn-system-on-old-libpq",
        "sslrootcert=system needs libpq 16; this is \(evidence.libpqVersion / 10_000), which takes “system” for a file's name",
        fix: "sslrootcert=/etc/ssl/certs/ca-certificates.crt", keyword: "sslrootcert")
    }
    if settings["sslnegotiation"] == "direct", !tls.demandsTLS {
      add(
        "dsn-weak-sslmode-direct",
        "sslnegotiation=direct with sslmode=\(tls.asked): libpq insists on require or stronger",
        fix: "sslmode=verify-full", keyword: "sslnegotiation")
    }
    let least = settings["ssl_min_protocol_version"].flatMap { TLSVersion(libpq: $0) } ?? .tls12
    if let text = settings["ssl_max_protocol_version"], let most = TLSVersion(libpq: text), most < least {
      add(
        "dsn-tls-range",
        "ssl_min_protocol_version is \(least) and ssl_max_protocol_version \(most): no version is left",
        fix: "leave ssl_max_protocol_version unset", keyword: "ssl_max_protocol_version")
    }
    return findings
  }

  private static func options(_ evidence: Evidence) -> [Finding] {
    let settings = evidence.target.settings
    var findings: [Finding] = []
    func add(_ id: String, _ keyword: String, _ reason: String, _ fix: String) {
      let file = settings.setting(keyword)?.source.file
      findings.append(
        Finding(
          id, .certain, check: "config-options", reason: reason, fix: fix,
          location: file.map { FileLocation(path: $0.path, line: $0.line) }))
    }
    if settings["gssencmode"] == "require" {
      add(
        "tls-gss-required", "gssencmode",
        "gssencmode=require asks for Kerberos encryption, which a login by token does not have",
        "gssencmode=disable")
    }
    guard evidence.usesToken else { return findings }
    if settings["channel_binding"] == "require" {
      add(
        "tls-channel-binding", "channel_binding",
        "channel_binding=require needs SCRAM, and a token is sent as a clear-text password inside TLS",
        "channel_binding=prefer")
    }
    if let methods = settings.requiredMethods, !methods.allows("password") {
      add(
        "auth-require-auth", "require_auth",
        "\(methods.ruling(out: "password")), the method by which tokens are sent",
        "require_auth=password")
    }
    if let replication = settings["replication"], !["false", "off", "no", "0"].contains(replication) {
      add(
        "hba-replication", "replication",
        "replication=\(replication.escapedForDisplay): identities are not accepted for replication connections",
        "use a password user with the role rds_replication for replication")
    }
    return findings
  }

  private static func password(_ evidence: Evidence) -> [Finding] {
    guard let password = evidence.password else { return [] }
    let location = password.source.file.map { FileLocation(path: $0.path, line: $0.line) }
    var findings: [Finding] = []
    if password.isCutAtColon {
      findings.append(
        Finding(
          "dsn-pgpass-colon", .certain, check: "config-password",
          reason:
            "the password on \(password.source) goes on after a “:” that no backslash protects; libpq sends what stands before it",
          fix: "write \\: for every colon in the password, or set PGPASSWORD instead", location: location))
    }
    switch password.encoding {
    case .stillEncoded?:
      findings.append(
        Finding(
          "dsn-token-form-encoded", .certain, check: "config-password",
          reason: "the password is a token encoded for a URI (%3FAction%3D…), and nobody decoded it",
          fix: "pass the token itself where a password is taken by itself; encode it only inside a URI, once",
          location: location))
    case .decodedTooOften?:
      findings.append(
        Finding(
          "dsn-token-form-encoded", .certain, check: "config-password",
          reason:
            "the token's own escapes (%2F in X-Amz-Credential) have been decoded, which makes it another text",
          fix: "encode the token once when it goes into a URI: quote(token, safe='') in Python",
          location: location))
    case nil: break
    }
    return findings
      + password.faults.map {
        Finding(
          $0.slug.rawValue, .certain, check: "config-password", reason: $0.reason, fix: $0.fix,
          location: location)
      }
  }

  /// How many characters differ, place by place; enough to find the mode that was meant.
  private static func distance(_ one: String, _ other: String) -> Int {
    zip(one, other).count { $0 != $1 } + abs(one.count - other.count)
  }
}
