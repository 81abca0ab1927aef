extension Session {
  /// Connects with TLS, and without it only to a server that has none.
  ///
  /// libpq's own `prefer` tries every refusal again in plain text, a wrong password's too.
  ///
  /// - Returns: the session, and the parameters that opened it.
  public static func connectPreferringTLS(
    _ parameters: ConnectionParameters
  ) async throws -> (session: Session, parameters: ConnectionParameters) {
    var parameters = parameters
    let deadline = ContinuousClock.now + parameters.connectTimeout
    parameters.override("sslmode", "require")
    do {
      return (try await connect(parameters), parameters)
    } catch let error as PostgresError where error.saysThereIsNoTLS {
      parameters.override("sslmode", "disable")
      var rest = parameters
      rest.connectTimeout = max(deadline - .now, .milliseconds(1))
      return (try await connect(rest), parameters)
    }
  }
}

extension PostgresError {
  /// libpq's words (fe-connect.c) for a server that answers N to the SSLRequest.
  public var saysThereIsNoTLS: Bool {
    phase == .connecting && message.contains("server does not support SSL, but SSL was required")
  }
}
