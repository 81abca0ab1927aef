/// Pages as a Markdown table for each category, with links: the second half of `checks/README.md`.
public struct PageIndex: Sendable {
  let pages: [DiagnosisPage]

  public init(_ pages: [DiagnosisPage]) { self.pages = pages }

  /// The tables, ending with a line break. Links are relative to the folder of the pages.
  public var markdown: String {
    Dictionary(grouping: pages, by: \.category).sorted { $0.key < $1.key }.map { category, pages in
      """
      ### \(category) (\(pages.count))

      | id | severity | the problem |
      |---|---|---|
      \(pages.sorted { $0.id < $1.id }.map(Self.row).joined(separator: "\n"))

      """
    }.joined(separator: "\n")
  }

  private static func row(_ page: DiagnosisPage) -> String {
    let title = page.replacedBy.map { "now `\($0)`" } ?? page.title.replacing("|", with: "\\|")
    return "| [\(page.id)](\(page.category)/\(page.id).md) | \(page.severity.rawValue) | \(title) |"
  }
}
