internal import AccessModel
internal import ArgumentParser
internal import FoundationEssentials
internal import Identity
internal import Postgres
internal import Provisioning
internal import Signing

/// Logging in as the IAM user, with a token, over verified TLS.
struct SetupLoginOptions: ParsableArguments {
  @Flag(help: "Log in as the IAM user with a token, over verify-full.")
  var login = false

  @OptionGroup var aws: AWSOptions

  /// Tries it; failure is a value. The session is the user's own, with the settings that the user's programs get.
  func attempt(_ connection: ConnectionOptions, at master: Session, user: String, connectTimeout: Duration)
    async -> Guard
  {
    do {
      let session = try await session(connection, master, user, connectTimeout)
      let row = try await session.catalogQuery(
        "SELECT session_user, current_user", deadline: .now + connection.statementTimeout.duration)
      let encrypted = await session.usesTLS
      return Guard(
        "login", .pass,
        "\(row.text(0, 0)) logged in with a token\(encrypted ? " over verify-full" : ""), and is \(row.text(0, 1)) now"
      )
    } catch let error as PostgresError {
      return Guard(
        "login", .fail, "\(user) could not log in with a token: \(error.message)",
        fix:
          "check that the IAM policy allows rds-db:connect for this user and that PGSSLROOTCERT names the RDS bundle"
      )
    } catch {
      // Without credentials, a region or an endpoint's name there is no token to try with.
      return Guard("login", .unknown, "the login could not be tried: \(error)")
    }
  }

  private func session(
    _ connection: ConnectionOptions, _ master: Session, _ user: String, _ connectTimeout: Duration
  )
    async throws -> Session
  {
    let environment = Environment.process
    let date = Date()
    let endpoint = try await TokenEndpoint(
      host: master.host, service: .rds, aws: aws, environment: environment)
    endpoint.printNotes()
    let credentials = try await aws.credentials(environment: environment, at: date)
    let token = RDSToken.sign(
      host: endpoint.host.name, port: master.port, user: user, region: endpoint.region.region,
      credentials: credentials,
      date: date)
    var parameters = connection.parameters
    parameters.connectTimeout = connectTimeout
    // A token for the endpoint goes to the endpoint, under the endpoint's name; the master's password never does.
    parameters.override("host", endpoint.host.name)
    parameters.override("user", user)
    parameters.override("sslmode", "verify-full")
    parameters.password = token.token
    let secrets = Redactor(
      [token.token, credentials.secretAccessKey] + [credentials.sessionToken].compactMap(\.self))
    KnownSecrets.hide(secrets)
    parameters.redactor = master.redactor
    parameters.redactor.hide(secrets)
    return try await Session.connect(parameters)
  }
}
