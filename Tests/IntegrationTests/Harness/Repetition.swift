/// Work that is done again and again for as long as something else takes.
enum Repetition {
  /// Runs the work, with a pause after each time, until the body has ended.
  ///
  /// - Returns: what the work has made of `result`.
  static func of<Result: Sendable>(
    _ result: Result, every pause: Duration, _ work: @escaping @Sendable (inout Result) async throws -> Void,
    during body: () async throws -> Void
  ) async throws -> Result {
    let task = Task {
      var result = result
      while !Task.isCancelled {
        try await work(&result)
        try? await Task.sleep(for: pause)
      }
      return result
    }
    defer { task.cancel() }
    try await body()
    task.cancel()
    return try await task.value
  }
}
