import AccessModel
import Foundation
import Postgres
import Signing

/// The old application and the IAM user, who each log in and work every 50 ms.
///
/// No attempt takes no time, so one that fails proves little: what it needs may have changed hands while it lasted. When
/// two attempts of the one and two of the other fail, by turns, each begun after the one before it had ended, and nothing
/// succeeds in the meantime, then neither could work.
actor WorkAttempts {
  struct Attempt: Sendable {
    var isOld: Bool
    var began: ContinuousClock.Instant
    var ended: ContinuousClock.Instant
    var failure: String?
  }

  /// Attempts of either that have to fail.
  static let failuresOfEach = 2
  private(set) var attempts: [Attempt] = []

  /// - Parameter work: each logs in and works once.
  static func during(
    old: @escaping @Sendable () async throws -> Void, iam: @escaping @Sendable () async throws -> Void,
    _ body: () async throws -> Void
  ) async throws -> WorkAttempts {
    let log = WorkAttempts()
    return try await Repetition.of(log, every: WorkingClient.interval) { log in
      await log.tryOnce(isOld: true, old)
    } during: {
      _ = try await Repetition.of(log, every: WorkingClient.interval) { log in
        await log.tryOnce(isOld: false, iam)
      } during: {
        try await body()
      }
    }
  }

  private func tryOnce(isOld: Bool, _ work: @escaping @Sendable () async throws -> Void) async {
    let began = ContinuousClock.now
    var failure: String?
    do { try await work() } catch { failure = "\(error)" }
    attempts.append(Attempt(isOld: isOld, began: began, ended: .now, failure: failure))
  }

  /// How often each has worked.
  var successes: (old: Int, iam: Int) {
    (
      attempts.count { $0.isOld && $0.failure == nil }, attempts.count { !$0.isOld && $0.failure == nil }
    )
  }

  /// What kept both from working, for each time when neither could.
  var neither: [String] {
    var found: [String] = []
    var chain: [Attempt] = []
    for attempt in attempts.sorted(by: { $0.began < $1.began }) {
      guard attempt.failure != nil else {
        chain = []
        continue
      }
      if let last = chain.last, last.isOld == attempt.isOld || attempt.began < last.ended { continue }
      chain.append(attempt)
      guard chain.count == Self.failuresOfEach * 2 else { continue }
      let (began, ended) = (chain[0].began, attempt.ended)
      let isWorking = attempts.contains { $0.failure == nil && $0.began < ended && $0.ended > began }
      if !isWorking {
        found.append(
          chain.map { "\($0.isOld ? "old" : "iam"): \($0.failure ?? "")" }.joined(separator: "; "))
      }
      chain = []
    }
    return found
  }
}

extension TestDatabase {
  /// The IAM user logs in and works once: with a token where the server verifies one. Elsewhere the catalogs say whether the
  /// server would ask for a token, and the work is done in its name.
  func workAsIAMUser(_ user: String, _ work: String) async throws {
    let timeout = "SET lock_timeout = '\(WorkingClient.patience)'"
    if serverName == .pg15RDS || serverName == .pg15Stock {
      let token = try await token(of: user)
      let session = try await Session.connect(parameters(user: user, password: token))
      try await session.execute("\(timeout); \(work)")
      return
    }
    let session = try await server.connect(.superuser, database: name, application: "client")
    let rows = try await session.query(
      """
      SELECT coalesce((SELECT substr(c, 6) FROM pg_db_role_setting s, unnest(s.setconfig) c
        WHERE s.setrole = r.oid AND c LIKE 'role=%' AND s.setdatabase = d.oid), r.rolname)
      FROM pg_roles r, pg_database d WHERE r.rolname = $1::name AND d.datname = current_database() AND r.rolcanlogin
        AND pg_has_role(r.oid, 'rds_iam', 'MEMBER') AND has_database_privilege(r.oid, d.oid, 'CONNECT')
      """, [user])
    guard rows.count == 1 else {
      throw SandboxServer.Refusal(message: "\(user) could not log in with a token")
    }
    let role = try await session.identifier(rows.text(0, 0))
    let login = try await session.identifier(user)
    try await session.execute(
      "\(timeout); SET SESSION AUTHORIZATION \(login.quoted); SET ROLE \(role.quoted); \(work)")
  }

  private func token(of user: String) async throws -> String {
    let aws = try await Sandbox.aws()
    return RDSToken.sign(
      host: server.host, port: server.port, user: user, region: try Region(aws.region),
      credentials: AWSCredentials(
        accessKeyID: aws.accessKeyId, secretAccessKey: Secret(aws.secretAccessKey)),
      date: .now
    ).token.exposed
  }
}
