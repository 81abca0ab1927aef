import AccessModel
import Postgres
import Testing

/// The old application with its password and the IAM user with tokens, who log in and work every 50 ms.
actor WorkingClients {
  /// How often each of them tries.
  static let interval: Duration = .milliseconds(50)
  /// How long one of them may wait for a lock: longer than `--lock-timeout`, its default, keeps anybody waiting.
  static let patience = "10s"

  enum Client: String, Sendable {
    case application = "the old application"
    case iamUser = "the IAM user"
  }

  struct Attempt: Sendable {
    var began: ContinuousClock.Instant
    var ended: ContinuousClock.Instant
    /// Why it could not log in, or not work; nil when it could.
    var failure: String?
  }

  private var attempts: [Client: [Attempt]] = [:]

  /// Lets both of them work while the body runs.
  static func during(
    _ database: TestDatabase, _ clients: [Client: ConnectionParameters], work: String,
    _ body: () async throws -> Void
  ) async throws -> WorkingClients {
    let working = WorkingClients()
    let tasks = clients.map { client, parameters in
      Task {
        while !Task.isCancelled {
          await working.attempt(client, parameters, work)
          try? await Task.sleep(for: interval)
        }
      }
    }
    do {
      try await body()
    } catch {
      for task in tasks { task.cancel() }
      throw error
    }
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
    return working
  }

  private func attempt(_ client: Client, _ parameters: ConnectionParameters, _ work: String) async {
    let began = ContinuousClock.now
    var failure: String?
    do {
      let session = try await Session.connect(parameters)
      try await session.execute("SET lock_timeout = '\(Self.patience)'; \(work)")
    } catch {
      failure = "\(error)"
    }
    attempts[client, default: []].append(Attempt(began: began, ended: .now, failure: failure))
  }

  func count(_ client: Client) -> Int { attempts[client]?.count ?? 0 }

  func failures(_ client: Client) -> [String] { attempts[client]?.compactMap(\.failure) ?? [] }

  /// The moments at which neither could: a failure of the one between two failures of the other, with none that worked
  /// in between.
  var gaps: [String] {
    let iam = attempts[.iamUser] ?? []
    return (attempts[.application] ?? []).compactMap { attempt in
      guard let failure = attempt.failure else { return nil }
      let meanwhile = iam.filter { $0.ended > attempt.began && $0.began < attempt.ended }
      guard !meanwhile.isEmpty, meanwhile.allSatisfy({ $0.failure != nil }) else { return nil }
      return
        "\(Client.application.rawValue): \(failure); \(Client.iamUser.rawValue): \(meanwhile[0].failure ?? "")"
    }
  }
}

extension TestDatabase {
  /// How the owner of many tables and the IAM user log in; tokens are verified where the server has PAM.
  func clients(password: String, iamUser: String) async throws -> [WorkingClients.Client:
    ConnectionParameters]
  {
    var clients: [WorkingClients.Client: ConnectionParameters] = [:]
    var application = parameters(user: Self.ownerOfManyTables)
    application.password = Secret(password)
    clients[.application] = application
    if server.sslrootcert != nil {
      let aws = try await Sandbox.aws()
      let token = try await CommandLineTool.run(
        ["token", "rds", "-h", server.host, "-p", "\(server.port)", "-U", iamUser, "--region", aws.region],
        environment: [
          "AWS_ACCESS_KEY_ID": aws.accessKeyId, "AWS_SECRET_ACCESS_KEY": aws.secretAccessKey,
        ])
      #expect(token.status == 0, "\(token.stderr)")
      var iam = parameters(user: iamUser)
      iam.password = Secret(String(token.stdout.split(separator: "\n").first ?? ""))
      clients[.iamUser] = iam
    }
    return clients
  }

  private func parameters(user: String) -> ConnectionParameters {
    var parameters = ConnectionParameters()
    for (keyword, value) in [
      ("host", server.host), ("hostaddr", server.hostaddr), ("port", "\(server.port)"), ("dbname", name),
      ("user", user), ("sslmode", server.sslmode), ("sslrootcert", server.sslrootcert),
      ("application_name", "client"),
    ] {
      parameters.set(keyword, value)
    }
    return parameters
  }
}
