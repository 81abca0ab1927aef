import Postgres
import Targets

@testable import Checkup

extension ClassifierRow {
  static let routes: [ClassifierRow] = [
    ClassifierRow(
      "auth-not-in-rds-iam", when: "a token's user is asked for SCRAM", second: "auth-unknown-user",
      by: "route-method", words: ["scram-sha-256", "never looked at", "--admin"], routed(.scram)),
    ClassifierRow(
      "auth-not-in-rds-iam", when: "a token's user is asked for MD5", second: "auth-unknown-user",
      by: "route-method", words: ["md5"], routed(.authentication(code: 5, mechanisms: []))),
    ClassifierRow(
      "auth-unknown-user", when: "an administrator sees no such role", by: "route-method",
      words: ["there is no role “app”"],
      routed(.scram) { $0.administration = AdministrationFacts(user: "master") }),
    ClassifierRow(
      "role-case", when: "an administrator sees the role in other letters", by: "route-method",
      words: ["“App”"],
      routed(.scram) { $0.administration = AdministrationFacts(user: "master", similar: ["App"]) }),
    ClassifierRow(
      "role-superuser-skip", when: "the role is a superuser", by: "route-method", words: ["superuser"],
      routed(.scram) { $0.administration = .sample(isSuperuser: true) }),
    ClassifierRow(
      "rds-iam-off", when: "there is no rds_iam at all", by: "route-method", words: ["no role rds_iam"],
      routed(.scram) {
        $0.administration = .sample()
        $0.administration?.hasIAMRole = false
      }),
    ClassifierRow(
      "auth-not-in-rds-iam", when: "an administrator sees the role outside rds_iam", by: "route-method",
      words: ["exists and is not in rds_iam"], routed(.scram) { $0.administration = .sample() }),
    ClassifierRow(
      "rds-iam-off", when: "a member of rds_iam is asked for SCRAM all the same", by: "route-method",
      words: ["app → rds_iam", "line 4"],
      routed(.scram) {
        $0.administration = .sample(paths: [["app", "rds_iam"]])
        $0.administration?.rule = "line 4: hostssl all all 10.0.0.0 scram-sha-256"
      }),
    ClassifierRow(
      "auth-pam-gets-password", when: "a password's user is asked for clear text", by: "route-method",
      words: ["in rds_iam"], routed(.clearText) { $0.givePassword() }),
    ClassifierRow(
      "role-nested-rds-iam", when: "a password's user is in rds_iam through a group", by: "route-method",
      words: ["app → staff → rds_iam"],
      routed(.clearText) {
        $0.givePassword()
        $0.administration = .sample(paths: [["app", "staff", "rds_iam"]])
      }),
    ClassifierRow(
      "auth-method-unsupported", when: "the server wants Kerberos", by: "route-method", words: ["method 7"],
      routed(.authentication(code: 7, mechanisms: []))),
    ClassifierRow(
      "auth-method-unsupported", when: "the server offers SASL without SCRAM", by: "route-method",
      words: ["OAUTHBEARER"],
      routed(.authentication(code: 10, mechanisms: ["OAUTHBEARER"])) {
        $0.givePassword()
      }),
    ClassifierRow(
      "role-master-in-rds-iam", when: "the password's user is an administrator in rds_iam",
      by: "route-method", words: ["app → rds_iam"],
      routed(.clearText) {
        $0.givePassword()
        $0.administration = .sample(paths: [["app", "rds_iam"]])
        $0.administration?.role?.isAdministrator = true
      }),
    ClassifierRow(
      "tcp-closed-early", when: "the connection ends after the startup message", by: "route-method",
      routed(.closed)),
    ClassifierRow(
      "tcp-closed-early", when: "the connection is reset after the startup message", by: "route-method",
      routed(.lost("connection reset by the peer"))),
    ClassifierRow(
      "tcp-timeout", when: "nothing comes after the startup message", by: "route-method", routed(.silent)),
    ClassifierRow(
      "tcp-other-protocol", when: "something else answers the startup message", by: "route-method",
      routed(.foreign(Array("+OK".utf8)))),
    ClassifierRow(
      "hba-reject-plaintext", when: "TLS is off and the user is in rds_iam", by: "route-method",
      words: ["without TLS"],
      .through(.route) {
        $0.set(["host": Evidence.endpointName, "sslmode": "disable"])
        $0.encryptedAnswer = nil
      }),
    ClassifierRow(
      "hba-noentry-plaintext", when: "TLS is off and the user is not in rds_iam", by: "route-method",
      .through(.route) {
        $0.set(["host": Evidence.endpointName, "sslmode": "disable"])
        $0.encryptedAnswer = nil
        $0.plaintextAnswer = .failed(
          "28000", #"no pg_hba.conf entry for host "10.0.0.9", user "app", database "shop", SSL off"#)
      }),
    ClassifierRow(
      "pool-pgb-generic", when: "pgbouncer has no server to hand the login to", by: "route-method",
      routed(.failed("08P01", "pgbouncer cannot connect to server"))),
    ClassifierRow(
      "hba-double-message", when: "prefer would hide the reason of a refusal", as: .warning,
      words: ["sslmode=prefer", "pg_hba.conf rejects"],
      .but { $0.set(["host": Evidence.endpointName, "sslmode": "prefer"]) }),
    ClassifierRow(
      "hba-double-message", when: "allow shows the refusal without TLS first", as: .warning,
      words: ["sslmode=allow"], .but { $0.set(["host": Evidence.endpointName, "sslmode": "allow"]) }),
  ]

  static let administrator: [ClassifierRow] = [
    ClassifierRow(
      "role-master-in-rds-iam", when: "the administrator's password went to IAM", by: "route-rules",
      words: ["master"],
      .through(.route) {
        $0.administration = AdministrationFacts(
          failure: LoginFacts(
            credential: .password, succeeded: false, sqlstate: "28000",
            message: #"FATAL:  PAM authentication failed for user "master""#), user: "master")
      }),
    ClassifierRow(
      "role-master-in-rds-iam", when: "the administrator is in rds_iam", by: "route-rules",
      words: ["master → rds_iam"],
      .through(.route) {
        $0.administration = .sample(paths: [["app", "rds_iam"]])
        $0.administration?.ownIAMPaths = [["master", "rds_iam"]]
      }),
    ClassifierRow(
      "role-rds-ad-both", when: "an administrator sees the role in rds_ad, too", by: "route-rules",
      .through(.route) {
        $0.administration = .sample(paths: [["app", "rds_iam"]], isInActiveDirectoryRole: true)
      }),
  ]

  private static func routed(
    _ answer: FirstAnswer, _ change: (inout Evidence) -> Void = { _ in }
  ) -> Evidence {
    .through(.route) {
      $0.encryptedAnswer = answer
      change(&$0)
    }
  }
}

extension Evidence {
  /// Makes it a login with a password that is no token.
  mutating func givePassword() {
    makesToken = false
    password = PasswordFacts(source: .environment("PGPASSWORD"), length: 20, looksLikeToken: false)
    credentials = nil
    token = nil
  }
}

extension AdministrationFacts {
  /// What an administrator sees of the role `app`.
  static func sample(
    isSuperuser: Bool = false, hasExpired: Bool = false, paths: [[String]] = [],
    isInActiveDirectoryRole: Bool = false
  ) -> AdministrationFacts {
    AdministrationFacts(
      user: "master",
      role: Role(
        name: "app", isSuperuser: isSuperuser, hasExpired: hasExpired, iamPaths: paths,
        isInActiveDirectoryRole: isInActiveDirectoryRole))
  }
}
