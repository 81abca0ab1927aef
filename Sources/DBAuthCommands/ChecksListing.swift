internal import AccessModel
internal import Diagnoses
internal import Reporting

/// Checks and diagnoses as a list.
struct ChecksListing {
  let checks: [ChecksListEntry]
  let pages: [DiagnosisPage]

  /// Columns, the last of which is cut at a terminal's width.
  func text(width: Int?) -> String {
    var text = ""
    if !checks.isEmpty {
      text += Self.table(checks.map { [$0.id, $0.category, $0.claim] }, width: width) + "\n"
    }
    let rows = pages.sorted { ($0.category, $0.id) < ($1.category, $1.id) }.map { page in
      [
        page.id, page.category, page.severity.rawValue,
        page.replacedBy.map { "now \($0)" } ?? page.title.escapedForDisplay,
      ]
    }
    return text + Self.table(rows, width: width)
  }

  private static func table(_ rows: [[String]], width: Int?) -> String {
    guard let columns = rows.first?.count else { return "" }
    let widths = (0..<(columns - 1)).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      var line = ""
      for (cell, width) in zip(row, widths) {
        line += cell + String(repeating: " ", count: width - cell.count + 2)
      }
      line += row[columns - 1]
      guard let width, line.count > width, width > 1 else { return line + "\n" }
      return line.prefix(width - 1) + "…\n"
    }.joined()
  }

  func json() throws -> String {
    try JSONText.render(Document(checks: checks, diagnoses: pages.map(Diagnosis.init)))
  }

  private struct Document: Encodable {
    var schemaVersion = 1
    let checks: [ChecksListEntry]
    let diagnoses: [Diagnosis]
  }

  private struct Diagnosis: Encodable {
    let id, category, severity, likelihood, title: String
    let engines: [String]
    /// What a log has when this is it: each rule's patterns, more than one where they follow each other.
    let messages: [[String]]
    let replacedBy: String?

    init(_ page: DiagnosisPage) {
      (id, category, title) = (page.id, page.category, page.title)
      (severity, likelihood) = (page.severity.rawValue, page.likelihood.rawValue)
      engines = page.engines.map(\.rawValue)
      messages = page.messages.map { $0.patterns.map(\.text) }
      replacedBy = page.replacedBy
    }
  }
}
