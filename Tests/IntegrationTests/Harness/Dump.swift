/// What a database and the server's roles look like to pg_dump: the judge of whether something was undone.
struct Dump: Sendable {
  let lines: [Substring]

  /// Lines that only one of two dumps has, marked `-` and `+` as diff does.
  func differences(from other: Dump) -> [String] { lines.differences(from: other.lines) }
}

extension [Substring] {
  /// Differences that a failed expectation prints at most.
  private static let shown = 20

  /// Lines that only one of two texts has, marked `-` and `+` as diff does.
  func differences(from other: [Substring]) -> [String] {
    guard self != other else { return [] }
    return difference(from: other).prefix(Self.shown).map { change in
      switch change {
      case .insert(_, let line, _): "+ \(line)"
      case .remove(_, let line, _): "- \(line)"
      }
    }
  }
}

extension TestDatabase {
  /// The schema with its database's own properties, and every role of the server.
  func dump() async throws -> Dump {
    let schema = try await server.program("pg_dump", ["--schema-only", "--create"], database: name)
    let roles = try await server.program("pg_dumpall", ["--roles-only"], database: name)
    guard schema.status == 0, roles.status == 0 else {
      throw SandboxServer.Refusal(message: schema.stderr + roles.stderr)
    }
    // pg_dump guards its script with a random word: https://www.postgresql.org/docs/current/app-pgdump.html
    let text = (schema.stdout + roles.stdout).split(separator: "\n", omittingEmptySubsequences: false)
    return Dump(lines: text.filter { !$0.hasPrefix("\\restrict ") && !$0.hasPrefix("\\unrestrict ") })
  }
}
