extension Session {
  /// Asks the catalogs, and nothing but them: in a read-only transaction that is rolled back, with a search path on
  /// which no other user's functions or operators can stand (CVE-2018-1058), and with a limit on the server as well.
  ///
  /// - Parameter deadline: when the answer has to be there; the statement is cancelled shortly before, first by the
  ///   server itself.
  public func catalogQuery(
    _ sql: String, _ values: [String?] = [], deadline: ContinuousClock.Instant
  ) async throws -> ResultSet {
    let reserve = min(Self.cancellation, max(deadline - .now, .zero) / 10)
    let limit = deadline - reserve
    let left = max(limit - .now - reserve, .milliseconds(1))
    let milliseconds =
      Int(left.components.seconds) * 1_000 + Int(left.components.attoseconds / 1_000_000_000_000_000)
    let begin =
      "BEGIN READ ONLY; SET LOCAL search_path = pg_catalog, pg_temp; SET LOCAL statement_timeout = \(max(milliseconds, 1))"
    guard values.isEmpty else {
      try await execute(begin, deadline: limit, patience: reserve)
      let result = try await query(sql, values, deadline: limit, patience: reserve)
      try await execute("ROLLBACK", deadline: limit, patience: reserve)
      return result
    }
    let results = try await execute(
      "\(begin); \(sql); ROLLBACK", deadline: limit, patience: reserve)
    guard results.count > 3 else {
      throw PostgresError(
        phase: .query, message: "the server answered with \(results.count) results instead of 5")
    }
    return results[3]
  }

  /// What is left for a cancelled statement's answer, where there is time.
  private static let cancellation = Duration.milliseconds(250)
}
