import Diagnoses
import FoundationEssentials
import Testing

@testable import Checkup

@Suite("The classifier's tables")
struct ClassifierTests {
  /// What each row's evidence comes to; pages are read for each call, so it is done once.
  private static let found = Dictionary(
    ClassifierRow.all.map { ($0.testDescription, $0.evidence.ranked) },
    uniquingKeysWith: { first, _ in first })

  private static func findings(_ row: ClassifierRow) -> [Finding] { found[row.testDescription] ?? [] }

  @Test("the rows can be told apart")
  func distinct() {
    #expect(Self.found.count == ClassifierRow.all.count)
  }

  @Test("the most probable diagnosis is", arguments: ClassifierRow.all)
  func diagnosis(_ row: ClassifierRow) {
    let findings = Self.findings(row)
    let ids = findings.map(\.id)
    #expect(ids.first == row.id, "found \(ids)")
    guard let first = findings.first(where: { $0.id == row.id }) else { return }
    #expect(first.severity == row.severity)
    if let second = row.second { #expect(ids.dropFirst().first == second, "found \(ids)") }
    if let check = row.check { #expect(first.check == check) }
    for word in row.words { #expect(first.reason.contains(word), "the reason is: \(first.reason)") }
  }

  @Test("a reason is one line without a full stop at its end", arguments: ClassifierRow.all)
  func form(_ row: ClassifierRow) {
    for finding in Self.findings(row) {
      #expect(!finding.reason.isEmpty)
      #expect(!finding.reason.contains("\n"), "\(finding.id): \(finding.reason)")
      #expect(!finding.reason.hasSuffix("."), "\(finding.id): \(finding.reason)")
    }
  }

  @Test("every diagnosis has a page, and its check exists", arguments: ClassifierRow.all)
  func pages(_ row: ClassifierRow) {
    for finding in Self.findings(row) {
      #expect(PageRegistry.embedded.contains(finding.id), "\(finding.id)")
      #expect(CheckRegistry.all.contains { $0.id == finding.check }, "\(finding.check)")
    }
  }

  @Test("every diagnosis is known when its check is judged, and not only later", arguments: ClassifierRow.all)
  func moment(_ row: ClassifierRow) {
    guard let first = Self.findings(row).first(where: { $0.id == row.id }) else { return }
    let known = row.evidence.asKnown(to: first.check)
    let ids = Classifier.findings(known, of: first.check).map(\.id)
    #expect(ids.contains(row.id), "\(first.check) runs before the evidence is there")
  }

  /// Diagnoses that stand in the rules' own text, as opposed to those that a token's faults or a page's message give.
  @Test("no rule gives a diagnosis that no row asks for")
  func coverage() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../Sources/Checkup/Classifier").standardizedFileURL.path()
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".swift") }
    #expect(files.count > 5)
    let checks = Set(CheckRegistry.all.map(\.id))
    let kinds = Set(PageRegistry.embedded.ids.compactMap { $0.split(separator: "-").first })
    let slug = try Regex(#""([a-z]+-[a-z0-9-]+)""#, as: (Substring, Substring).self)
    let expected = Set(ClassifierRow.all.flatMap { [$0.id, $0.second].compactMap(\.self) })
    for file in files {
      let data = FileManager.default.contents(atPath: "\(folder)/\(file)") ?? Data()
      for match in String(decoding: data, as: UTF8.self).matches(of: slug) {
        let id = String(match.output.1)
        guard !checks.contains(id), let kind = id.split(separator: "-").first, kinds.contains(kind) else {
          continue
        }
        #expect(expected.contains(id), "\(file) gives \(id)")
      }
    }
  }
}
