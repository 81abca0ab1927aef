internal import AccessModel
internal import ArgumentParser
internal import Checkup
internal import Reporting

/// In which forms the report is written, and where to.
struct DoctorOutputOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      text, json, jsonl, junit, sarif, github or markdown; with =file it goes there. Repeatable. (default: text)
      """, valueName: "format[=file]"))
  var format: [String] = []

  @Option(name: .shortAndLong, help: "Write the report to this file instead of stdout.")
  var output: String?

  @Flag(name: .shortAndLong, help: "Show every check, also where all is well.")
  var verbose = false

  /// Every format with its file; nil is stdout.
  func destinations() throws -> DoctorDestinations {
    var chosen: [(format: CheckReportFormat, file: String?)] = []
    for text in format {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let format = CheckReportFormat(rawValue: parts[0]) else {
        throw ValidationError(
          "--format “\(text.escapedForDisplay)” is none of \(CheckReportFormat.allCases.map(\.rawValue).joined(separator: ", "))"
        )
      }
      if parts.count > 1, parts[1].isEmpty { throw ValidationError("--format \(parts[0])= names no file") }
      chosen.append((format, parts.count > 1 ? parts[1] : nil))
    }
    let toOutput = chosen.filter { $0.file == nil }
    if toOutput.count > 1 {
      throw ContradictingOptions(
        "--format \(toOutput[0].format.rawValue)", "--format \(toOutput[1].format.rawValue)",
        "stdout is taken; give one of them a file: --format \(toOutput[1].format.rawValue)=FILE")
    }
    if toOutput.isEmpty { chosen.append((.text, nil)) }
    if let output { chosen = chosen.map { ($0.format, $0.file ?? output) } }
    let files = chosen.compactMap(\.file)
    if Set(files).count < files.count {
      throw ValidationError("two formats are to be written to the same file")
    }
    return DoctorDestinations(chosen: chosen, everyCheck: verbose)
  }
}

/// Where the report goes.
struct DoctorDestinations {
  let chosen: [(format: CheckReportFormat, file: String?)]
  let everyCheck: Bool

  /// Those who write to stdout while the run goes on.
  struct Observers {
    var text: CheckTextObserver?
    var lines: CheckJSONLinesObserver?

    var all: [any CheckObserver] {
      let both: [(any CheckObserver)?] = [text, lines]
      return both.compactMap(\.self)
    }
  }

  func observers(_ request: CheckupRequest) -> Observers {
    var observers = Observers()
    // A reader that went away must not end the run half-way; the last write reports it.
    let sink: TextSink = { text in _ = try? Terminal.write(text) }
    switch chosen.first(where: { $0.file == nil })?.format {
    case .text?:
      observers.text = CheckTextObserver(
        checks: Checkup.reported(request), target: TargetSummary(request), style: Terminal.outputStyle,
        everyCheck: everyCheck,
        write: sink)
    case .jsonl?: observers.lines = CheckJSONLinesObserver(write: sink)
    default: break
    }
    return observers
  }

  func write(_ report: CheckReport, _ observers: Observers, failsOnWarnings: Bool) async throws {
    await observers.text?.finish(report)
    await observers.lines?.finish(report)
    for (format, file) in chosen {
      let options = CheckReportFormat.Options(everyCheck: everyCheck, failsOnWarnings: failsOnWarnings)
      if let file {
        try OutputFile.write(format.render(report, options), to: file)
      } else if format != .text, format != .jsonl {
        try Terminal.write(format.render(report, options))
      }
    }
  }
}
