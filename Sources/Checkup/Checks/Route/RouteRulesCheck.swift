internal import AccessModel
internal import DNS
internal import FoundationEssentials
internal import Postgres
internal import Sockets
internal import Targets

/// What an administrator can see of the login: its role, and the line of `pg_hba.conf` that is for it.
struct RouteRulesCheck: Check {
  let id = "route-rules"
  let stage = Stage.route
  let claim = "an administrator sees the login's role and its line in pg_hba.conf"
  let requires = ["config-target"]
  // A handshake whose certificate is not trusted ends everything secret to that server.
  let after = ["dns-endpoint", "tcp-connect", "tls-offered", "tls-versions", "tls-trust", "tls-name"]
  let deadline = Duration.seconds(5)
  let connections = 1

  func run(_ run: CheckupRun) async -> Outcome {
    guard let administrator = run.request.administrator else { return .notApplicable("no --admin was given") }
    let evidence = await run.evidence
    // Others wait for what is seen here, so that it may take a quarter of the time at most.
    let end = run.deadline(min(deadline, run.request.timeout / 4))
    let user = administrator.user
    let login: AdministratorLogin
    switch await AdministratorLogin.prepared(administrator, run, until: end) {
    case .ready(let ready): login = ready
    case .impossible(let reason): return .unknown(reason)
    }
    await run.announce(login.notes)
    let session: Session
    do {
      session = try await login.logIn(until: end)
    } catch let error as PostgresError {
      let failure = LoginFacts(
        credential: .password, succeeded: false, sqlstate: error.sqlstate,
        message: error.message,
        timedOut: error.phase == .deadline)
      await run.record { $0.administration = AdministrationFacts(failure: failure, user: user) }
      return .unknown("the administrator could not log in: \(failure.message)")
    } catch {
      return .unknown("the administrator could not log in: \(error)")
    }
    do {
      let facts = try await AdministrationQuery.facts(session, evidence, until: end)
      await run.record { $0.administration = facts }
      var items: [EvidenceItem] = []
      if let rule = facts.rule { items.append(EvidenceItem("pg_hba.conf", rule)) }
      items += facts.role.map(\.items) ?? []
      guard let role = facts.role else {
        return .pass("there is no role “\(evidence.target.user.escapedForDisplay)”", items)
      }
      return .pass(
        "\(facts.rule ?? "role \(role.name) read; \(session.user) may not read pg_hba_file_rules")", items)
    } catch {
      return .unknown("the catalogs could not be read: \(error)")
    }
  }
}

extension AdministrationFacts.Role {
  /// What is worth showing of it.
  fileprivate var items: [EvidenceItem] {
    [
      EvidenceItem(
        "role",
        "\(canLogIn ? "LOGIN" : "NOLOGIN")\(isSuperuser ? " SUPERUSER" : "")\(hasExpired ? ", VALID UNTIL has passed" : "")"
      ),
      EvidenceItem(
        "in rds_iam",
        iamPaths.isEmpty ? "no" : iamPaths.map { $0.joined(separator: " → ") }.joined(separator: "; ")),
    ]
  }
}

/// What is asked of the database on an administrator's connection.
enum AdministrationQuery {
  private struct Answer: Decodable {
    struct Role: Decodable {
      let name: String
      let login, superuser, administrator, expired, activeDirectory: Bool
      let limit: Int
      let paths: [[String]]
      let roles: [String]
    }

    let role: Role?
    let similar: [String]
    let iamRole: Bool
    let ownPaths: [[String]]
    let clock: Double
  }

  private static let sql = """
    WITH RECURSIVE paths(start, role, path) AS (
      SELECT rolname, oid, ARRAY[rolname::text] FROM pg_roles WHERE rolname IN ($1, session_user)
      UNION ALL
      SELECT p.start, r.oid, p.path || r.rolname::text
      FROM paths p JOIN pg_auth_members m ON m.member = p.role JOIN pg_roles r ON r.oid = m.roleid
      WHERE cardinality(p.path) < 16)
    SELECT json_build_object(
      'role', (SELECT json_build_object('name', rolname, 'login', rolcanlogin, 'superuser', rolsuper,
          'administrator', rolcreaterole OR EXISTS (SELECT FROM paths WHERE start = $1
            AND path[cardinality(path)] = 'rds_superuser' AND cardinality(path) > 1),
          'expired', coalesce(rolvaliduntil < now(), false), 'limit', rolconnlimit,
          'activeDirectory', EXISTS (SELECT FROM paths WHERE start = $1 AND path[cardinality(path)] = 'rds_ad'),
          'paths', (SELECT coalesce(json_agg(path), '[]') FROM paths
                    WHERE start = $1 AND path[cardinality(path)] = 'rds_iam' AND cardinality(path) > 1),
          'roles', (SELECT coalesce(json_agg(DISTINCT path[cardinality(path)]), '[]') FROM paths
                    WHERE start = $1 AND cardinality(path) > 1))
        FROM pg_roles WHERE rolname = $1),
      'similar', (SELECT coalesce(json_agg(rolname), '[]') FROM pg_roles WHERE lower(rolname) = lower($1) AND rolname <> $1),
      'iamRole', EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_iam'),
      'ownPaths', (SELECT coalesce(json_agg(path), '[]') FROM paths
                   WHERE start = session_user AND path[cardinality(path)] = 'rds_iam' AND cardinality(path) > 1),
      'clock', extract(epoch FROM clock_timestamp()))::text
    """

  /// The address is compared by the server, with its own operators.
  private static let rules = """
    SELECT coalesce(json_agg(json_build_object('lineNumber', line_number, 'type', type, 'database', database,
      'userName', user_name, 'address', address, 'authMethod', auth_method,
      'contains', CASE WHEN address IN ('all', 'samehost', 'samenet') THEN true
        WHEN netmask IS NULL THEN NULL
        WHEN family(client) <> family(address::inet) THEN false
        ELSE (client & netmask::inet) = (address::inet & netmask::inet) END) ORDER BY line_number), '[]')::text
    FROM (SELECT coalesce(inet_client_addr(), $1::inet) AS client) c CROSS JOIN pg_hba_file_rules WHERE error IS NULL
    """

  static func facts(
    _ session: Session, _ evidence: Evidence, until end: ContinuousClock.Instant
  ) async throws -> AdministrationFacts {
    let user = evidence.target.user
    let before = Date()
    let text = try await session.catalogQuery(sql, [user], deadline: end)[0, 0] ?? ""
    let middle = before.addingTimeInterval(Date().timeIntervalSince(before) / 2)
    let answer = try JSONDecoder().decode(Answer.self, from: Data(text.utf8))
    var facts = AdministrationFacts(
      user: session.user, similar: answer.similar, hasIAMRole: answer.iamRole,
      ownIAMPaths: answer.ownPaths.filter { $0.count > 1 },
      clockOffset: .told(seconds: answer.clock - middle.timeIntervalSince1970))
    facts.role = answer.role.map {
      var role = AdministrationFacts.Role(
        name: $0.name, canLogIn: $0.login, isSuperuser: $0.superuser, connectionLimit: $0.limit,
        hasExpired: $0.expired, iamPaths: $0.paths.filter { $0.count > 1 },
        isInActiveDirectoryRole: $0.activeDirectory)
      role.isAdministrator = $0.administrator
      return role
    }
    // The view is for superusers and whom they let: on RDS the master may not read it.
    let client = evidence.reach.first { $0.failure == nil }?.source?.host
    if let text = try? await session.catalogQuery(rules, [client], deadline: end)[0, 0],
      let lines = try? JSONDecoder().decode([HBARule].self, from: Data(text.utf8))
    {
      let connection = HBARule.Connection(
        user: user, database: evidence.target.database, roles: Set(answer.role?.roles ?? []),
        isEncrypted: evidence.tls?.asked != "disable"
          && evidence.handshakes.contains { $0.answer == .offered })
      facts.rule = lines.first { $0.matches(connection) }?.text ?? "no line matches"
    }
    return facts
  }
}
