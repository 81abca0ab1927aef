internal import Diagnoses
internal import Reporting

/// A page for a program.
struct ExplainPageJSON {
  let page: DiagnosisPage
  /// The page that took its place.
  let successor: DiagnosisPage?

  func text() throws -> String { try JSONText.render(Document(page, successor: successor)) }

  private struct Document: Encodable {
    var schemaVersion = 1
    let id, category, severity, likelihood, title, file: String
    let engines: [String]
    let messages, shares: [[String]]
    let replacedBy: String?
    let fix: String?
    let sections: [Section]

    init(_ page: DiagnosisPage, successor: DiagnosisPage?) {
      let shown = successor ?? page
      (id, category, title, file) = (shown.id, shown.category, shown.title, shown.file)
      (severity, likelihood) = (shown.severity.rawValue, shown.likelihood.rawValue)
      engines = shown.engines.map(\.rawValue)
      messages = shown.messages.map { $0.patterns.map(\.text) }
      shares = shown.shares.map { $0.patterns.map(\.text) }
      replacedBy = page.replacedBy
      fix = shown.fix
      sections = shown.sections.map {
        Section(heading: $0.heading.rawValue, markdown: $0.lines.joined(separator: "\n"))
      }
    }
  }

  private struct Section: Encodable {
    let heading, markdown: String
  }
}
