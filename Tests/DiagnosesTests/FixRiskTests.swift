import Diagnoses
import Testing

@Suite("What the pages tell to type")
struct FixRiskTests {
  private static let pages = EmbeddedPageTests.pages

  @Test(
    "the first block of a fix does no harm: it is what doctor and explain offer", arguments: pages.map(\.id))
  func firstBlock(id: String) throws {
    let page = try #require(PageRegistry.embedded[id])
    guard let first = FixCommand.all(of: page).first else { return }
    #expect(try first.risks().isEmpty, "\(first.block.text)")
  }

  @Test("a later block that can do harm has its risk in front", arguments: pages.map(\.id))
  func laterBlocks(id: String) throws {
    let page = try #require(PageRegistry.embedded[id])
    for command in FixCommand.all(of: page).dropFirst() where try !command.risks().isEmpty {
      #expect(command.introduction.contains("Risk: "), "\(command.introduction)\n\(command.block.text)")
    }
  }

  @Test(
    "the key risk has what the commands of the fix can do, no more and no less", arguments: pages.map(\.id))
  func key(id: String) throws {
    let page = try #require(PageRegistry.embedded[id])
    let found = Set(try FixCommand.all(of: page).flatMap { try $0.risks() })
    #expect(Set(page.risks) == found)
  }

  @Test("a line of psql verifies the server, unless it stays on this machine", arguments: pages.map(\.id))
  func verifiedServers(id: String) throws {
    let page = try #require(PageRegistry.embedded[id])
    for (line, block) in Self.psqlLines(of: page) {
      let isLocal = line.contains("host=127.0.0.1 ") || line.contains("host=/")
      let settings = line + (block.contains("PGSSLMODE=") ? block : "")
      let isVerified =
        (settings.contains("sslmode=verify-") || settings.contains("PGSSLMODE=verify-full"))
        && (settings.contains("sslrootcert=") || settings.contains("PGSSLROOTCERT="))
      #expect(isLocal && !line.contains("hostaddr=") || isVerified, "\(line)")
    }
  }

  @Test("verify-full never stands without the roots that it needs", arguments: pages.map(\.id))
  func roots(id: String) throws {
    let page = try #require(PageRegistry.embedded[id])
    for block in page.sections.filter({ $0.heading != .symptoms }).flatMap(\.codeBlocks) {
      guard block.text.contains("verify-full") || block.text.contains("VERIFY_IDENTITY") else { continue }
      let hasRoots = ["sslrootcert", "SSLROOTCERT", "ssl-ca", "ssl_ca", "tls_ca_file", "RootCert"].contains {
        block.text.contains($0)
      }
      #expect(hasRoots, "\(block.text)")
    }
  }

  @Test("where mysql's --ssl-mode is used, MariaDB's option is named as well", arguments: pages.map(\.id))
  func mariaDB(id: String) throws {
    let page = try #require(PageRegistry.embedded[id])
    let uses = page.sections.contains { section in
      section.codeBlocks.contains { $0.text.contains("--ssl-mode=VERIFY") }
    }
    let says = page.sections.contains { section in
      section.lines.contains { $0.contains("--ssl-verify-server-cert") }
    }
    #expect(!uses || says)
  }

  @Test(
    "a text is answered with what tells the case, not with a change",
    arguments: [
      ("ERROR:  role \"x\" does not exist", "auth-unknown-user", "FROM pg_roles"),
      ("DETAIL:  User \"app\" has an expired password.", "role-valid-until", "rolvaliduntil"),
      ("ERROR:  permission denied for table orders", "obj-privileges", "has_table_privilege"),
      ("FATAL:  role \"app_owner\" is not permitted to log in", "role-nologin", "rolcanlogin"),
    ])
  func named(text: String, id: String, fix: String) throws {
    let match = try #require(LogScanner.reading(of: text, pages: Self.pages).matches.first)
    #expect(match.page.id == id)
    #expect(match.page.fix?.contains(fix) == true)
  }

  @Test("a health check's 503 is nobody's memory")
  func healthCheck() {
    #expect(LogScanner.reading(of: "HTTP/1.1 503 Service Unavailable", pages: Self.pages).matches.isEmpty)
  }

  /// Commands of blocks, continuation lines joined, each with its whole block.
  private static func psqlLines(of page: DiagnosisPage) -> [(line: String, block: String)] {
    page.sections.filter { $0.heading != .symptoms }.flatMap(\.codeBlocks).flatMap { block in
      commands(block.text).filter { $0.contains(/(^|[ ;(])psql( |$)/) && !$0.contains("psql --version") }
        .map { ($0, block.text) }
    }
  }

  private static func commands(_ text: String) -> [String] {
    var commands: [String] = []
    var open = ""
    for line in text.split(separator: "\n") {
      open += (open.isEmpty ? "" : " ") + line
      let isQuoted = open.count(where: { $0 == "'" }) % 2 == 1 || open.count(where: { $0 == "\"" }) % 2 == 1
      if open.hasSuffix("\\") {
        open.removeLast()
      } else if !isQuoted {
        commands.append(open)
        open = ""
      }
    }
    return commands + (open.isEmpty ? [] : [open])
  }
}
