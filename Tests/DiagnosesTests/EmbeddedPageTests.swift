import CheckPages
import Diagnoses
import Testing

@Suite("The pages of checks/")
struct EmbeddedPageTests {
  /// One message of one page.
  struct Symptom: Sendable, CustomTestStringConvertible {
    let id: String
    let number: Int
    let text: String
    var testDescription: String { "\(id), message \(number)" }
  }

  /// Those that can be read; ``everyPageCanBeRead()`` fails for the others.
  static let pages = PageRegistry.embedded.ids.compactMap { PageRegistry.embedded[$0] }
  static let symptoms = pages.flatMap { page in
    page.symptoms.enumerated().map { Symptom(id: page.id, number: $0 + 1, text: $1) }
  }

  @Test("every file is a page, in a folder of its category, with a name of its own")
  func everyPageCanBeRead() throws {
    let files = CheckPages.all.filter { $0.path != "README.md" }
    #expect(try PageRegistry.embedded.pages().count == files.count)
    for file in files {
      #expect(file.path.split(separator: "/").count == 2, "\(file.path) is not <category>/<id>.md")
      #expect(file.path.hasSuffix(".md"))
    }
  }

  @Test("each message under Symptoms ranks its own page first", arguments: symptoms)
  func symptomRanksItsPage(symptom: Symptom) throws {
    let matches = LogScanner.reading(of: symptom.text, pages: Self.pages).matches
    let ranking = matches.prefix(3).map { "\($0.page.id) (\($0.strength.characters))" }
    #expect(matches.first?.page.id == symptom.id, "ranked: \(ranking)")
    if matches.count > 1, matches[0].strength.evidence == .message {
      #expect(matches[1].strength < matches[0].strength, "a tie: \(ranking)")
    }
  }

  @Test("no two pages mean the same by the same text")
  func noConflicts() {
    var owners: [MessageRule: String] = [:]
    for page in Self.pages {
      for rule in page.messages {
        if let owner = owners.updateValue(page.id, forKey: rule) {
          Issue.record("\(rule) is a message of \(owner) and of \(page.id)")
        }
      }
    }
  }

  @Test(
    "titles and lines have a readable length, and messages are in blocks of text", arguments: pages.map(\.id))
  func style(id: String) throws {
    let page = try #require(PageRegistry.embedded[id])
    #expect(page.title.count <= 75)
    #expect(!page.title.hasSuffix("."))
    #expect(page.section(.symptoms)?.codeBlocks.allSatisfy { $0.language == "text" } == true)
    #expect(page.section(.references)?.lines.contains { $0.contains("https://") } == true)
    for section in page.sections {
      #expect(!section.lines.isEmpty, "\(section.heading.rawValue) is empty")
      var isBlock = false
      for line in section.lines {
        if line.hasPrefix("```") { isBlock.toggle() }
        #expect(isBlock || line.count <= 110 || line.contains("http"), "\(line)")
      }
    }
  }

  @Test("a page tells its reader something that explain did not", arguments: pages.map(\.id))
  func noRote(id: String) throws {
    let page = try #require(PageRegistry.embedded[id])
    let prose = page.sections.flatMap(\.lines).joined(separator: " ")
    #expect(!prose.contains("explain --stdin` recognises"))
    #expect(!prose.contains("client sees only"))
  }

  @Test("a page that another one replaced names one that is there")
  func successors() {
    for page in Self.pages {
      guard let successor = page.replacedBy else { continue }
      #expect(PageRegistry.embedded[successor]?.replacedBy == nil, "\(page.id)")
      #expect(PageRegistry.embedded.contains(successor), "\(page.id)")
    }
  }

  @Test("the index in checks/README.md is that of the pages; `make checks-index` makes it")
  func indexIsCurrent() throws {
    let readme = try #require(CheckPages["README.md"]).text
    let mark = try #require(readme.firstRange(of: "made by make checks-index. -->\n"))
    #expect(readme[mark.upperBound...] == PageIndex(Self.pages).markdown)
  }
}
