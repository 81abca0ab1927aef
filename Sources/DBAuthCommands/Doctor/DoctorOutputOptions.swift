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

  /// Every format with its file, which is open from now on; without one it goes to stdout.
  ///
  /// - Parameter targetFile: the file that describes the target, for SARIF.
  func destinations(targetFile: String?) throws -> DoctorDestinations {
    var chosen: [(format: CheckReportFormat, file: String?)] = []
    for text in format {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let format = CheckReportFormat(rawValue: parts[0]) else {
        throw InvalidOption(
          "--format “\(text.escapedForDisplay)” is none of \(CheckReportFormat.allCases.map(\.rawValue).joined(separator: ", "))"
        )
      }
      if parts.count > 1, parts[1].isEmpty { throw InvalidOption("--format \(parts[0])= names no file") }
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
      throw InvalidOption("two formats are to be written to the same file")
    }
    return DoctorDestinations(
      chosen: try chosen.map { ($0.format, try $0.file.map(DoctorReportFile.init)) }, everyCheck: verbose,
      targetFile: targetFile)
  }
}
