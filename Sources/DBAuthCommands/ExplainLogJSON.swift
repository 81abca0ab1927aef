internal import Diagnoses
internal import Reporting

/// What was found in a log, for programs.
struct ExplainLogJSON {
  let reading: LogReading

  func text() throws -> String { try JSONText.render(Document(reading)) }

  private struct Document: Encodable {
    var schemaVersion = 1
    let lines, bytes, tokens: Int
    /// The most probable cause, or null.
    let diagnosis: String?
    let diagnoses: [Match]

    init(_ reading: LogReading) {
      (lines, bytes, tokens) = (reading.lines, reading.bytes, reading.tokens)
      diagnosis = reading.diagnosis?.page.id
      diagnoses = reading.matches.map(Match.init)
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(schemaVersion, forKey: .schemaVersion)
      try container.encode(lines, forKey: .lines)
      try container.encode(bytes, forKey: .bytes)
      try container.encode(tokens, forKey: .tokens)
      // Null, not left out: a program asks for it by name.
      try container.encode(diagnosis, forKey: .diagnosis)
      try container.encode(diagnoses, forKey: .diagnoses)
    }

    private enum CodingKeys: String, CodingKey {
      case schemaVersion, lines, bytes, tokens, diagnosis, diagnoses
    }
  }

  private struct Match: Encodable {
    let id, category, severity, title: String
    /// `message`, `shared`, `token` or `doubtful-token`.
    let evidence: String
    let reason: String
    let lines: Lines
    let examples: [Example]
    let fix: String?

    init(_ match: PageMatch) {
      let page = match.page
      (id, category, severity, title) = (page.id, page.category, page.severity.rawValue, page.title)
      evidence = match.strength.evidence.name
      reason = match.reason
      lines = Lines(
        count: match.count, leading: match.leading, first: match.firstLine, last: match.lastLine)
      examples = match.examples.map { Example(line: $0.line, text: $0.text) }
      fix = page.fix
    }
  }

  private struct Lines: Encodable {
    let count, leading, first, last: Int
  }

  private struct Example: Encodable {
    let line: Int
    let text: String
  }
}

extension MatchStrength.Evidence {
  fileprivate var name: String {
    switch self {
    case .shared: "shared"
    case .doubtfulToken: "doubtful-token"
    case .message: "message"
    case .token: "token"
    }
  }
}
