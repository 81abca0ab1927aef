/// libpq's words about a URI or conninfo string that it cannot read.
package enum ConninfoWords {
  /// The words without what libpq quotes: that may be a piece of the password. A keyword's name may stay.
  package static func withoutQuotations(_ words: String) -> String {
    var shown = ""
    for (index, part) in words.split(separator: "\"", omittingEmptySubsequences: false).enumerated() {
      if index.isMultiple(of: 2) {
        shown += part
      } else {
        shown += isHarmless(String(part)) ? "\"\(part)\"" : "“…”"
      }
    }
    // libpq quotes a whole URI without closing the quotation when it is cut.
    while shown.last?.isWhitespace == true { shown.removeLast() }
    return shown
  }

  /// A keyword, or one with a slip of the finger: no password is that much like one.
  private static func isHarmless(_ word: String) -> Bool {
    knownWords.contains(word)
      || word.count > 3 && word.allSatisfy { $0.isLowercase || $0 == "_" }
        && knownWords.contains { $0.count > 3 && $0.editDistance(to: word) <= 2 }
  }

  /// Parameters that came after libpq 15, by the release notes of 16 to 18.
  package static let laterKeywords: Set<String> = [
    "gssdelegation", "load_balance_hosts", "max_protocol_version", "min_protocol_version", "oauth_client_id",
    "oauth_client_secret", "oauth_issuer", "oauth_scope", "require_auth", "scram_client_key",
    "scram_server_key", "servicefile", "sslcertmode", "sslkeylogfile", "sslnegotiation",
  ]

  /// What libpq may quote: its keywords, signs, and a token's first parameter.
  private static let knownWords: Set<String> = laterKeywords.union([
    "=", "Action", "application_name", "channel_binding", "client_encoding", "connect_timeout", "dbname",
    "gssencmode", "host", "hostaddr", "options", "passfile", "password", "port", "replication", "service",
    "ssl_max_protocol_version", "ssl_min_protocol_version", "sslcert", "sslcrl", "sslkey", "sslmode",
    "sslpassword", "sslrootcert", "sslsni", "target_session_attrs", "user",
  ])
}
