import AccessModel
import DNS
import Sockets
import TLS
import Targets

@testable import Checkup
@testable import Signing
@testable import Targets

extension ClassifierRow {
  static let config: [ClassifierRow] = [
    ClassifierRow(
      "dsn-token-raw-in-uri", when: "libpq takes the rest of a token for a URI's parameters",
      by: "config-target",
      words: ["percent-encoded"],
      .through(.config) {
        $0.target.settings.problems = [
          SettingProblem(.conninfo("invalid URI query parameter: \"Action\""), .conninfo, mentionsToken: true)
        ]
      }),
    ClassifierRow(
      "dsn-no-os-user", when: "a container's user id has no name", by: "config-target", words: ["1000660000"],
      .through(.config) {
        $0.target.settings.problems = [SettingProblem(.noUser(userID: 1_000_660_000), .builtIn)]
      }),
    ClassifierRow(
      "dsn-sslmode-typo", when: "sslmode is verify_full", by: "config-tls",
      words: ["verify_full", "verify-full"],
      configured(["sslmode": "verify_full"])),
    ClassifierRow(
      "dsn-weak-sslmode-system", when: "the system's roots come with sslmode=require", by: "config-tls",
      words: ["require", "verify-full"],
      configured(["sslmode": "require", "sslrootcert": "system"]) { $0.libpqVersion = 170_002 }),
    ClassifierRow(
      "dsn-system-on-old-libpq", when: "libpq 15 would take “system” for a file", by: "config-tls",
      words: ["15"],
      configured(["sslmode": "verify-full", "sslrootcert": "system"])),
    ClassifierRow(
      "dsn-weak-sslmode-direct", when: "direct negotiation comes with sslmode=prefer", by: "config-tls",
      configured(["sslmode": "prefer", "sslnegotiation": "direct"])),
    ClassifierRow(
      "dsn-tls-range", when: "the highest version lies below the lowest", by: "config-tls",
      words: ["TLSv1.3", "TLSv1.2"],
      configured([
        "sslmode": "require", "ssl_min_protocol_version": "TLSv1.3", "ssl_max_protocol_version": "TLSv1.2",
      ])),
    ClassifierRow(
      "dsn-tls-range", when: "the highest version lies below libpq's own lowest", by: "config-tls",
      configured(["sslmode": "require", "ssl_max_protocol_version": "TLSv1.1"])),
    ClassifierRow(
      "tls-gss-required", when: "gssencmode is require", by: "config-options",
      configured(["gssencmode": "require"])),
    ClassifierRow(
      "tls-channel-binding", when: "channel binding is required for a token", by: "config-options",
      words: ["SCRAM"], configured(["channel_binding": "require"])),
    ClassifierRow(
      "tls-channel-binding", when: "channel binding is required for a token that is given",
      by: "config-options",
      configured(["channel_binding": "require"]) {
        $0.makesToken = false
        $0.password = PasswordFacts(source: .environment("PGPASSWORD"), length: 345, looksLikeToken: true)
      }),
    ClassifierRow(
      "auth-require-auth", when: "only SCRAM is allowed", by: "config-options", words: ["scram-sha-256"],
      configured(["require_auth": "scram-sha-256"])),
    ClassifierRow(
      "auth-require-auth", when: "clear text is ruled out", by: "config-options", words: ["!password"],
      configured(["require_auth": "!password,!md5"])),
    ClassifierRow(
      "hba-replication", when: "a replication connection is asked for", by: "config-options",
      words: ["database"], configured(["replication": "database"])),
  ]

  static let passwords: [ClassifierRow] =
    [
      ClassifierRow(
        "dsn-pgpass-colon", when: "a line of the password file goes on after a bare colon",
        by: "config-password",
        words: ["/home/app/.pgpass:3"],
        .through(.config) {
          $0.password = PasswordFacts(
            source: .passwordFile(path: "/home/app/.pgpass", line: 3), length: 39, looksLikeToken: true,
            isCutAtColon: true)
        })
    ]
    + [
      (TokenEncodingFault.stillEncoded, "a token is still encoded as for a URI"),
      (.decodedTooOften, "a token's own escapes were decoded"),
    ].map { fault, description in
      ClassifierRow(
        "dsn-token-form-encoded", when: description, by: "config-password",
        .through(.config) {
          $0.makesToken = false
          $0.password = PasswordFacts(
            source: .environment("PGPASSWORD"), length: 345, looksLikeToken: true, encoding: fault)
        })
    }
    + [TokenFault.Slug.empty, .masked, .lineBreak].map { slug in
      ClassifierRow(
        slug.rawValue, when: "the password in the environment shows it", by: "config-password",
        words: ["as seen"],
        .through(.config) {
          $0.makesToken = false
          $0.password = PasswordFacts(
            source: .environment("PGPASSWORD"), length: 3, looksLikeToken: false,
            faults: [TokenFault(slug, "as seen", fix: "as said")])
        })
    }

  private static func configured(
    _ parameters: [String: String], _ change: (inout Evidence) -> Void = { _ in }
  ) -> Evidence {
    .through(.config) {
      $0.set(parameters)
      change(&$0)
    }
  }
}
