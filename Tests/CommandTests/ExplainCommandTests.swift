import Diagnoses
import FoundationEssentials
import Reporting
import Testing

@testable import DBAuthCommands

@Suite("explain and checks list")
struct ExplainCommandTests {
  private static let message = "FATAL:  PAM authentication failed for user \"app\"\n"

  @Test("a page goes to a pipe as it is, without a pager or escape sequences")
  func page() async throws {
    let outcome = try await Program.run("explain", "tls-name-mismatch", environment: ["PAGER": "false"])
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    let page = try #require(PageRegistry.embedded["tls-name-mismatch"])
    #expect(outcome.output.hasPrefix("\(page.title)\n\ntls-name-mismatch: error, tls, "))
    for heading in PageSection.Heading.allCases {
      #expect(outcome.output.contains("\n\n\(heading.rawValue)\n"))
    }
    #expect(!outcome.output.contains("\u{1B}"))
    #expect(!outcome.output.contains("```"))
  }

  @Test("on a terminal PAGER shows it, and without one it is printed")
  func pager() async throws {
    let paged = try await Program.runOnTerminal(
      "explain", "tls-name-mismatch",
      environment: ["PAGER": "tr a-z A-Z", "TERM": "xterm", "PATH": "/usr/bin:/bin"])
    #expect(paged.contains("\u{1B}[1MSYMPTOMS\u{1B}[0M"))
    for pager in ["", "cat", "nonexistent-pager"] {
      let printed = try await Program.runOnTerminal(
        "explain", "tls-name-mismatch", environment: ["PAGER": pager, "TERM": "xterm", "NO_COLOR": "1"])
      #expect(printed.contains("\r\nSymptoms\r\n"), "\(pager)")
    }
  }

  @Test("a page fits the terminal, but for its blocks", arguments: [40, 72, 200])
  func width(columns: Int) throws {
    let page = try #require(PageRegistry.embedded["tls-name-mismatch"])
    let text = ExplainPageText(page: page, style: .init(width: columns)).text
    for line in text.split(separator: "\n").dropFirst(2)
    where !line.hasPrefix("    ") && line.split(separator: " ").count > 2 {
      #expect(line.count <= min(columns, 100), "\(line)")
    }
  }

  @Test(
    "an id that is none is wrong usage, with those that may be meant",
    arguments: [
      (["explain", "tls-nam-mismatch"], "Did you mean “tls-name-mismatch”"), (["explain"], "--stdin"),
      (["explain", "x", "--stdin"], "not both"), (["explain", "x\u{1B}[2J"], "\\u{1B}"),
      (["checks", "list", "--checks", "/nonexistent"], "/nonexistent cannot be read"),
      (["checks", "lsit"], "Did you mean “list”?"),
    ])
  func mistakes(arguments: [String], message: String) async throws {
    let outcome = try await Program.run(arguments)
    #expect(outcome.status == 64)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  @Test("a log is explained with its lines, a fix and what else it can be")
  func log() async throws {
    let outcome = try await Program.run("explain", "--stdin", input: "fine\n" + Self.message)
    #expect(outcome.status == 0)
    #expect(outcome.output.hasPrefix("iam-not-authorized  "))
    #expect(outcome.output.contains("  seen: line 2\n        2: FATAL:  PAM"))
    #expect(outcome.output.contains("\n  fix:  "))
    #expect(outcome.output.contains("\nAlso fit these lines: "))
    #expect(outcome.output.hasSuffix("Read 2 lines.\n"))
  }

  @Test("a text without anything known is told so, with grep's status")
  func nothing() async throws {
    let outcome = try await Program.run("explain", "--stdin", input: "all is well\n")
    #expect(outcome.status == 1)
    #expect(outcome.output.hasPrefix("Nothing known in 1 line."))
    let json = try await Program.run("explain", "--stdin", "--format", "json", input: "")
    #expect(json.status == 1)
    #expect(json.output.contains("\"diagnosis\" : null"))
  }

  @Test("JSON has the ranking, and always the same members")
  func json() async throws {
    struct Report: Decodable {
      struct Diagnosis: Decodable {
        let id, category, severity, title, evidence, reason: String
        let lines: [String: Int]
      }
      let schemaVersion, lines, bytes, tokens: Int
      let diagnosis: String
      let diagnoses: [Diagnosis]
    }
    let outcome = try await Program.run("explain", "--stdin", "--format", "json", input: Self.message)
    let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
    #expect((report.schemaVersion, report.lines, report.bytes) == (1, 1, Self.message.utf8.count))
    #expect(report.diagnosis == "iam-not-authorized")
    #expect(report.diagnoses.first?.id == report.diagnosis)
    #expect(report.diagnoses.first?.evidence == "message")
    #expect(report.diagnoses.dropFirst().allSatisfy { $0.evidence == "shared" })
    #expect(report.diagnoses.first?.lines == ["count": 1, "leading": 1, "first": 1, "last": 1])
  }

  @Test("a token in a log is inspected and not shown")
  func token() async throws {
    let token = try await Program.run("token", "rds", "-h", Program.endpoint, "-U", "app").output
    let foreign = token.replacing("eu-west-1%2F", with: "us-east-1%2F")
    for format in ["text", "json"] {
      let outcome = try await Program.run(
        "explain", "--stdin", "--format", format, input: "PGPASSWORD='\(foreign)'\n" + Self.message)
      #expect(outcome.output.contains("tok-wrong-region"))
      #expect(!outcome.output.contains(token.suffix(64)))
      #expect(!outcome.output.contains("plughtoken"))
    }
  }

  @Test("one's own pages are explained, listed and found")
  func ownPages() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "runbooks-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let sections = PageSection.Heading.allCases.map { "## \($0.rawValue)\n\u{1B}[2Jtext\n" }.joined(
      separator: "\n")
    let page = """
      ---
      id: acme-proxy
      severity: error
      engines: [postgresql]
      likelihood: common
      messages: ['acme proxy refused {user}']
      shares: []
      ---

      # The proxy refuses

      \(sections)
      """
    let file = folder.appending(path: "acme-proxy.md")
    try Data(page.utf8).write(to: file)
    let explained = try await Program.run("explain", "acme-proxy", "--checks", folder.path)
    #expect(explained.output.hasPrefix("The proxy refuses\n"))
    #expect(!explained.output.contains("\u{1B}"))
    let listed = try await Program.run("checks", "list", "--checks", folder.path)
    #expect(listed.output.contains("\nacme-proxy  "))
    let found = try await Program.run(
      "explain", "--stdin", "--checks", folder.path, input: "acme proxy refused app")
    #expect(found.output.hasPrefix("acme-proxy  The proxy refuses\n"))
    try Data(page.replacing("severity: error", with: "severity: bad").utf8).write(to: file)
    let refused = try await Program.run("checks", "list", "--checks", folder.path)
    #expect(refused.status == 64)
    #expect(
      refused.errors.hasPrefix(
        "Error: \(file.path):3: “bad” is not a value of severity; use warning or error"))
  }

  @Test("the list has a line for each page, in JSON as well")
  func list() async throws {
    struct Listing: Decodable {
      struct Diagnosis: Decodable {
        let id, category, severity, title: String
      }
      let schemaVersion: Int
      let diagnoses: [Diagnosis]
    }
    let text = try await Program.run("checks", "list")
    let json = try await Program.run("checks", "list", "--format", "json")
    let listing = try JSONDecoder().decode(Listing.self, from: Data(json.output.utf8))
    #expect(listing.diagnoses.map(\.id) == PageRegistry.embedded.ids)
    for diagnosis in listing.diagnoses {
      #expect(text.output.contains("\(diagnosis.id) "))
      #expect(text.output.contains("  \(diagnosis.title)\n"))
    }
  }
}
