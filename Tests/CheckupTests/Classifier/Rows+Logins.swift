import AccessModel
import FoundationEssentials
import Identity
import Postgres
import Targets

@testable import Checkup
@testable import Signing

extension ClassifierRow {
  static let tokens: [ClassifierRow] =
    [
      ClassifierRow(
        "cred-none", when: "nobody has credentials", by: "cred-chain",
        .through(.credentials) { $0.credentials = CredentialFacts.none(CredentialTrail()) }),
      ClassifierRow(
        "cred-partial", when: "half of a pair is there", by: "cred-chain", words: ["AWS_SECRET_ACCESS_KEY"],
        .through(.credentials) { $0.credentials = .partial(message: "AWS_SECRET_ACCESS_KEY is missing") }),
      ClassifierRow(
        "tok-creds-expired", when: "the credentials have ended", by: "cred-chain", words: ["ended"],
        .through(.credentials) { $0.credentials = .expired(message: "they ended") }),
      ClassifierRow(
        "cred-sso-expired", when: "the sign-in has ended", by: "cred-chain", words: ["is over"],
        .through(.credentials) {
          $0.credentials = .signInEnded(message: "the sign-in is over", profile: "work")
        }),
      ClassifierRow(
        "dns-alias-overwalk", when: "a given token is for a name behind the endpoint", by: "token-facts",
        aliased(to: [Evidence.endpointName, "ec2-203-0-113-5.eu-west-1.compute.amazonaws.com"]) {
          $0.makesToken = false
          $0.password = PasswordFacts(source: .environment("PGPASSWORD"), length: 345, looksLikeToken: true)
          $0.endpoint?.beyond = ["ec2-203-0-113-5.eu-west-1.compute.amazonaws.com"]
          $0.token = TokenFacts(
            faults: [TokenFault(.aliasSigned, "as seen", fix: "as said")], length: 345, isGiven: true,
            host: "ec2-203-0-113-5.eu-west-1.compute.amazonaws.com")
        }),
      ClassifierRow(
        "tok-clock-skew", when: "the server's clock is ten minutes behind", by: "token-facts",
        words: ["10 minutes ahead of"],
        .through(.token) {
          $0.administration = .sample(paths: [["app", "rds_iam"]])
          $0.administration?.clockOffset = .seconds(-600)
        }),
    ]
    + TokenFault.Slug.allCases.map { slug in
      let fault = TokenFault(slug, "as seen", fix: "as said")
      return ClassifierRow(
        slug.rawValue, when: "a given token shows it", as: fault.severity == .error ? .error : .warning,
        by: "token-facts", words: ["as seen"],
        .through(.token) {
          $0.makesToken = false
          $0.credentials = nil
          $0.token = TokenFacts(faults: [fault], length: 345, isGiven: true)
          $0.password = PasswordFacts(source: .environment("PGPASSWORD"), length: 345, looksLikeToken: true)
        })
    }

  static let logins: [ClassifierRow] = [
    ClassifierRow(
      "iam-not-authorized", when: "IAM refuses a flawless token", second: "cred-wrong-identity",
      by: "login-token",
      words: ["asked for a clear-text password", "rds-db:connect"], pam()),
    ClassifierRow(
      "iam-not-authorized", when: "temporary credentials do not say when they end",
      second: "tok-creds-expired",
      pam {
        $0.credentials = .found(
          source: "process", suffix: "1234", isTemporary: true, expiration: nil, trail: CredentialTrail())
      }),
    ClassifierRow(
      "iam-not-authorized", when: "a given token is for a cluster", second: "iam-kind-mismatch",
      pam {
        $0.credentials = nil
        $0.endpoint = EndpointFacts(
          endpoint: .init("shop.cluster-abc123.eu-west-1.rds.amazonaws.com"),
          signed: "shop.cluster-abc123.eu-west-1.rds.amazonaws.com")
      }),
    ClassifierRow(
      "iam-not-authorized", when: "a given token is long", second: "tok-size-growth",
      pam {
        $0.credentials = nil
        $0.token?.length = 4_755
      }),
    ClassifierRow(
      "tok-wrong-port", when: "IAM refuses a token for a tunnel's own port", second: "iam-not-authorized",
      by: "login-token", words: ["127.0.0.1 is this end of a tunnel", "15432"], dialled("127.0.0.1")),
    ClassifierRow(
      "tok-wrong-port", when: "IAM refuses a token for another address's port", second: "iam-not-authorized",
      words: ["10.9.9.9 is dialled in place of"], dialled("10.9.9.9")),
    ClassifierRow(
      "auth-pam-gets-password", when: "PAM refuses a password", words: ["in rds_iam"],
      pam {
        $0.givePassword()
        $0.login?.credential = .password
      }),
    ClassifierRow(
      "auth-unknown-user", when: "PAM refuses a password at a server that is not AWS's",
      words: ["its modules"],
      pam {
        $0.givePassword()
        $0.login?.credential = .password
        $0.endpoint?.endpoint = nil
        $0.handshakes = []
      }),
    ClassifierRow(
      "rds-low-memory", when: "the same token is refused now and then", second: "iam-not-authorized",
      words: ["2 times in 3"], pam { $0.login?.attempts = .init(made: 3, succeeded: 1) }),
    ClassifierRow(
      "rds-low-memory", when: "the same token is refused later", by: "timing-phases", words: ["1 of 5"],
      .but { $0.login?.attempts = .init(made: 5, succeeded: 4) }),
    ClassifierRow(
      "tok-wrong-host", when: "--token-host is another endpoint", second: "iam-not-authorized",
      words: ["other.abc123.eu-west-1.rds.amazonaws.com"],
      pam { $0.target.tokenHost = try? HostName("other.abc123.eu-west-1.rds.amazonaws.com") }),
    ClassifierRow(
      "tok-uppercase-host", when: "IAM refuses a token whose host has capitals", second: "iam-not-authorized",
      by: "login-token",
      pam { $0.token?.faults = [TokenFault(.uppercaseHost, "as seen", fix: "as said")] }),
    ClassifierRow(
      "pool-pgb-length", when: "pgbouncer refuses a token that is too long for it", by: "login-token",
      words: ["2,047", "4755"],
      .refused("28P01", "FATAL:  password authentication failed") { $0.token?.length = 4_755 }),
    ClassifierRow(
      "pool-pgb-generic", when: "pgbouncer refuses a login", by: "login-token",
      .refused("08P01", "FATAL:  SASL authentication failed")),
    ClassifierRow(
      "pool-pgb-generic", when: "pgbouncer logs in and has no server then", by: "role-attributes",
      .through(.login) { $0.firstStatementFailure = "FATAL:  pgbouncer cannot connect to server" }),
    ClassifierRow(
      "auth-not-in-rds-iam", when: "a token was compared with a stored password", by: "login-token", wrong()),
    ClassifierRow(
      "auth-unknown-user", when: "a token was refused and there is no such role", by: "login-token",
      words: ["no role “app”"], wrong { $0.administration = AdministrationFacts(user: "master") }),
    ClassifierRow(
      "role-case", when: "a token was refused and the role has other letters", by: "login-token",
      words: ["“App”"],
      wrong { $0.administration = AdministrationFacts(user: "master", similar: ["App"]) }),
    ClassifierRow(
      "role-superuser-skip", when: "a token was refused and the role is a superuser", by: "login-token",
      wrong { $0.administration = .sample(isSuperuser: true) }),
    ClassifierRow(
      "auth-not-in-rds-iam", when: "a token was refused and the role is outside rds_iam", by: "login-token",
      wrong { $0.administration = .sample() }),
    ClassifierRow(
      "auth-unknown-user", when: "a password is wrong", second: "role-valid-until", by: "login-token",
      wrong {
        $0.givePassword()
        $0.login?.credential = .password
        $0.encryptedAnswer = .scram
      }),
    ClassifierRow(
      "role-valid-until", when: "a password's time is over", by: "login-token", words: ["VALID UNTIL"],
      wrong {
        $0.givePassword()
        $0.login?.credential = .password
        $0.encryptedAnswer = .scram
        $0.administration = .sample(hasExpired: true)
      }),
    ClassifierRow(
      "auth-unknown-user", when: "the server trusts everybody but has no such role", by: "login-token",
      .refused("28000", #"FATAL:  role "app" does not exist"#) {
        $0.encryptedAnswer = .authentication(code: 0, mechanisms: [])
      }),
    ClassifierRow(
      "thr-auth-timeout", when: "the server had the token for a minute", by: "login-token", words: ["60.0 s"],
      .refused(nil, "server closed the connection unexpectedly") { $0.login?.phaseDuration = .seconds(60) }),
    ClassifierRow(
      "thr-auth-timeout", when: "no answer to the token came in time", by: "login-token",
      .refused(nil, "timeout expired") { $0.login?.timedOut = true }),
    ClassifierRow(
      "tcp-closed-early", when: "the connection ends as soon as the token is there", by: "login-token",
      words: ["authentication"], .refused(nil, "server closed the connection unexpectedly")),
    ClassifierRow(
      "tok-over-64k", when: "a token over 64 KiB ends the connection", by: "login-token", words: ["66000"],
      .refused(nil, "SSL connection has been closed unexpectedly") { $0.token?.length = 66_000 }),
    ClassifierRow(
      "px-no-credentials", when: "the message is one of RDS Proxy's", by: "login-token",
      .refused(
        "28000",
        "FATAL:  This RDS proxy has no credentials for the role app. Check the credentials for this role and try again."
      )
    ),
    ClassifierRow(
      "time-slow-auth", when: "verification takes nearly all of the time", as: .warning, by: "timing-phases",
      words: ["1.8 s", "99 %"], .but { $0.timing = .sample(authentication: .milliseconds(1_772)) }),
  ]

  private static func pam(_ change: (inout Evidence) -> Void = { _ in }) -> Evidence {
    .refused("28000", #"FATAL:  PAM authentication failed for user "app""#, phase: .authentication, change)
  }

  private static func dialled(_ address: String) -> Evidence {
    pam {
      $0.set([
        "host": Evidence.endpointName, "hostaddr": address, "sslmode": "verify-full",
        "sslrootcert": "/ca.pem",
      ])
      $0.target.port = 15_432
      $0.endpoint?.signedPort = 15_432
    }
  }

  private static func wrong(_ change: (inout Evidence) -> Void = { _ in }) -> Evidence {
    .refused(
      "28P01", #"FATAL:  password authentication failed for user "app""#, phase: .authentication, change)
  }
}
