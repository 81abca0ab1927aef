internal import ArgumentParser
internal import Checkup
internal import Diagnoses
internal import Reporting

/// `checks list`: every check and every diagnosis, one line each.
struct ChecksList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List every check and every diagnosis, one line each.",
    helpNames: .long
  )

  @OptionGroup var pages: PageOptions

  @Option(help: "How to print it; markdown is the index of the pages alone.")
  var format = Format.text

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json, markdown
  }

  /// The checks that doctor can run.
  static var checks: [ChecksListEntry] {
    CheckSummary.all.map { ChecksListEntry(id: $0.id, category: $0.stage.rawValue, claim: $0.claim) }
  }

  func run() async throws {
    let pages = try pages.registry().pages()
    let listing = ChecksListing(checks: Self.checks, pages: pages)
    switch format {
    case .text: try Terminal.write(listing.text(width: Terminal.outputStyle.width))
    case .json: try Terminal.write(listing.json())
    case .markdown: try Terminal.write(PageIndex(pages).markdown)
    }
  }
}

/// A check in the list.
struct ChecksListEntry: Encodable {
  let id, category: String
  /// What is true when it passes.
  let claim: String
}
