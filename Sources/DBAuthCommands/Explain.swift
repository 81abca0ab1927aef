internal import ArgumentParser
internal import Diagnoses

/// `explain`: the page behind a diagnosis, or what a text says about failures.
struct Explain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show the page behind a diagnosis, or find the known failures in a log.",
    usage: """
      dbauth-admin explain <id>
      dbauth-admin explain --stdin < <log>
      """,
    discussion: """
      With --stdin, a log or an error message of any length is searched for every message that is known, and the \
      failures it can mean are ranked, with the lines that say so. Tokens in it are inspected, and never shown:

        dbauth-admin explain tls-name-mismatch
        kubectl logs deploy/api | dbauth-admin explain --stdin

      The exit status of --stdin is grep's: 0 when something was found, 1 when nothing was.
      """,
    helpNames: .long
  )

  @Argument(help: "A diagnosis, as doctor and “checks list” name it.")
  var id: String?

  @Flag(help: "Read a text from stdin and rank what it can mean.")
  var stdin = false

  @OptionGroup var pages: PageOptions

  @Option(help: "How to print it.")
  var format = PlainFormat.text

  func validate() throws {
    if stdin, id != nil { throw ValidationError("Give either an id or --stdin, not both") }
    if !stdin, id == nil {
      throw ValidationError("Missing expected argument '<id>' (or '--stdin'); ids: dbauth-admin checks list")
    }
  }

  func run() async throws {
    let registry = try pages.registry()
    if let id { try explain(id, from: registry) } else { try explainInput(with: registry) }
  }

  private func explain(_ id: String, from registry: PageRegistry) throws {
    guard let page = try registry.page(id) else { throw UnknownDiagnosis(id: id, registry: registry) }
    let successor = try page.replacedBy.flatMap { try registry.page($0) }
    switch format {
    case .text:
      let text = ExplainPageText(page: successor ?? page, style: Terminal.outputStyle)
      let note = successor.map { "\(id) is now \($0.id).\n\n" } ?? ""
      try Pager.show(note + text.text)
    case .json: try Terminal.write(ExplainPageJSON(page: page, successor: successor).text())
    }
  }

  private func explainInput(with registry: PageRegistry) throws {
    let known = try registry.pages()
    if StandardInput.isTerminal {
      Terminal.writeError("Reading the text from the terminal; end it with Ctrl-D.")
    }
    var scanner = LogScanner(pages: known)
    try scanner.scan(descriptor: StandardInput.descriptor)
    let reading = scanner.finish()
    switch format {
    case .text: try Terminal.write(ExplainLogText(reading: reading, style: Terminal.outputStyle).text)
    case .json: try Terminal.write(ExplainLogJSON(reading: reading).text())
    }
    if reading.matches.isEmpty { throw ExitStatus.failure.exit }
  }
}

/// How a command prints what it has to say.
enum PlainFormat: String, CaseIterable, ExpressibleByArgument {
  case text
  case json
}

/// Where pages come from besides the program itself.
struct PageOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A folder with pages of your own, <folder>/<category>/<id>.md. Repeatable.", valueName: "folder"))
  var checks: [String] = []

  /// The program's pages and those of the folders.
  func registry() throws -> PageRegistry {
    try checks.reduce(PageRegistry.embedded) { try $0.adding(folder: $1) }
  }
}
