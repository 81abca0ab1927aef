internal import AccessModel
internal import Postgres
internal import Sockets
internal import TLS
internal import Targets

/// Which way `pg_hba.conf` sends this login, seen before any password is sent.
struct RouteMethodCheck: Check {
  let id = "route-method"
  let stage = Stage.route
  let claim = "pg_hba routes this login as it should"
  let requires = ["tcp-connect", "tls-versions"]
  let after = ["route-plaintext", "route-rules", "config-password"]

  func run(_ run: CheckupRun) async -> Outcome {
    let evidence = await run.evidence
    let target = evidence.target
    guard let address = evidence.handshakes.first(where: { $0.observation != nil })?.address,
      let connection = await run.takeEncrypted(to: address), evidence.tls?.asked != "disable"
    else {
      guard let answer = evidence.plaintextAnswer else { return .unknown("the server was not asked") }
      return Self.outcome(answer, "without TLS")
    }
    let end = run.deadline(deadline)
    let answer = await StartupExchange.begin(
      connection, user: target.user, database: target.database, until: end)
    await connection.close(until: end)
    if let message = answer.serverMessage?.message, message.contains("client certificate") {
      return .notApplicable("the server wants a client certificate first, which the login has: \(message)")
    }
    await run.record { $0.encryptedAnswer = answer }
    return Self.outcome(answer, "over TLS")
  }

  private static func outcome(_ answer: FirstAnswer, _ way: String) -> Outcome {
    switch answer {
    case .authentication: .pass("\(way): \(answer.explanation)", answer.items)
    default: .fail("\(way): \(answer.explanation)", answer.items)
    }
  }
}

extension Evidence {
  /// The first answer on the way that the target's own sslmode takes.
  var answer: FirstAnswer? {
    guard let encryptedAnswer, tls?.asked != "disable" else { return plaintextAnswer }
    if tls?.asked == "allow", case .authentication? = plaintextAnswer { return plaintextAnswer }
    return encryptedAnswer
  }

  /// Whether this login goes to IAM. A pooler asks for clear text, too, but with and without TLS; RDS turns members of
  /// rds_iam away without it. Of a server that is not AWS's, clear text says nothing: LDAP, RADIUS and PAM ask for it.
  var isRoutedToIAM: Bool {
    isOfAWS && answer?.asksForClearText == true && plaintextAnswer?.asksForClearText != true
  }

  /// Whether anything says that this is a database of AWS's: a name on the way to it, or in its certificate, or the role
  /// that only these have.
  var isOfAWS: Bool {
    let names = handshakes.lazy.compactMap(\.leaf).first?.dnsNames ?? []
    return endpoint?.endpoint != nil || administration?.role?.iamPaths.isEmpty == false
      || names.contains { (try? HostName($0)).flatMap { DatabaseEndpoint($0) } != nil }
  }

  /// Whether the login is made with a token, one made here or a given one.
  var usesToken: Bool { makesToken || password?.looksLikeToken == true }
}
