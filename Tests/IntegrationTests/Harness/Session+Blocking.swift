import Postgres
import Testing

extension Session {
  /// Returns when another session waits for a lock of this one's transaction; a test fails whose command never does.
  func untilSomebodyWaits() async throws {
    for _ in 0..<4000 {
      let waiting = try await query(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
      if waiting.integer(0, 0) > 0 { return }
      try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("nobody came to wait")
  }
}
