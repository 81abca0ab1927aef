internal import Provisioning
internal import Reporting

/// Prints plans in the format asked for.
enum PlanPrinter {
  static func print(_ plans: [Plan], as format: PlanFormat, verbose: Bool = false) throws {
    let output = OutputBuffer()
    switch format {
    case .text:
      try write(plans.map { PlanText($0, style: Terminal.outputStyle, verbose: verbose) }, to: output)
    case .json: try output.append(try PlanJSON(plans).text())
    case .sql:
      // What a refused plan has would be refused halfway.
      guard !plans.contains(where: \.isBlocked) else { return printRefusal(plans, verbose: verbose) }
      try PlanScript(plans).write { piece in
        guard KnownSecrets.redacted(piece) == piece else { throw Self.secretInScript }
        try output.append(piece)
      }
    }
    try output.flush()
  }

  /// Says why there is no script.
  private static func printRefusal(_ plans: [Plan], verbose: Bool) {
    for plan in plans {
      PlanText(plan, style: Terminal.errorStyle, verbose: verbose).write { Terminal.writeErrorRaw($0) }
    }
    Terminal.writeError("No script was written, because setup would be refused.")
  }

  /// A script without the name would not be the plan.
  private static let secretInScript = SetupProblem(
    .refused, "secret-in-script",
    "the script would show the password of this login: a name on the server has it",
    why: "scripts are kept and shown to others; the rest of it was not written",
    fix: "rename what has the password for a name, or change the password; apply needs no script")

  /// Prints what revert would do.
  static func printRevert(_ plans: [Plan], verbose: Bool) throws {
    let output = OutputBuffer()
    let texts = plans.map {
      PlanText(
        $0, style: Terminal.outputStyle, title: "setup revert",
        nothing: "Nothing to undo: what the journal remembers is as it was.", verbose: verbose)
    }
    try write(texts, to: output)
    try output.flush()
  }

  private static func write(_ texts: [PlanText], to output: OutputBuffer) throws {
    for (number, text) in texts.enumerated() {
      if number > 0 { try output.append("\n") }
      try text.write { try output.append($0) }
    }
  }
}

/// Collects small pieces of text and writes them in large ones.
final class OutputBuffer {
  private var text = ""
  /// Bytes at which the buffer is written out.
  private static let limit = 1 << 16

  func append(_ piece: String) throws {
    text += piece
    if text.utf8.count >= Self.limit { try flush() }
  }

  func flush() throws {
    try Terminal.write(text)
    text = ""
  }
}
