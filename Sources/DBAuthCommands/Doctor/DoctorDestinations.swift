internal import Checkup
internal import Glibc
internal import Reporting
internal import Synchronization

/// Where the report goes.
struct DoctorDestinations {
  let chosen: [(format: CheckReportFormat, file: DoctorReportFile?)]
  let everyCheck: Bool
  /// The file that describes the target, as ``CheckReportFormat/Options/file``.
  let targetFile: String?

  /// Those who write to stdout while the run goes on.
  struct Observers {
    var text: CheckTextObserver?
    var lines: CheckJSONLinesObserver?
    let output = DoctorOutputStream()

    var all: [any CheckObserver] {
      let both: [(any CheckObserver)?] = [text, lines]
      return both.compactMap(\.self)
    }
  }

  func observers(_ request: CheckupRequest) -> Observers {
    var observers = Observers()
    let output = observers.output
    let sink: TextSink = { output.write($0) }
    switch chosen.first(where: { $0.file == nil })?.format {
    case .text?:
      observers.text = CheckTextObserver(
        checks: Checkup.reported(request), target: TargetSummary(request), style: Terminal.outputStyle,
        everyCheck: everyCheck, write: sink)
    case .jsonl?: observers.lines = CheckJSONLinesObserver(write: sink)
    default: break
    }
    return observers
  }

  /// Writes what is left of the report, each format wherever another one fails.
  ///
  /// - Throws: the first failure, when everything that can be written has been. A reader of stdout that went away is none.
  func write(_ report: CheckReport, _ observers: Observers, failsOnWarnings: Bool) async throws {
    await observers.text?.finish(report)
    await observers.lines?.finish(report)
    let options = CheckReportFormat.Options(
      everyCheck: everyCheck, failsOnWarnings: failsOnWarnings, file: targetFile)
    var failure: (any Error)?
    for (format, file) in chosen {
      if let file {
        // A job shows its report files, too: only the commands of the format for that are commands.
        let text = format.render(report, options)
        do {
          try file.write(format == .github ? KnownSecrets.redacted(text) : Terminal.harmless(text))
        } catch {
          failure = failure ?? error
        }
      } else if format != .text, format != .jsonl {
        observers.output.write(format.render(report, options), asIs: format == .github)
      }
    }
    if let error = observers.output.failure ?? failure { throw error }
  }
}

/// Stdout for as long as a run goes on: a failure does not end the run, and is told when it is over.
final class DoctorOutputStream: Sendable {
  private let first = Mutex<OutputError?>(nil)

  /// What went wrong first; nothing is written after it. Nil as well when only the reader went away.
  var failure: OutputError? { first.withLock { $0?.code == EPIPE ? nil : $0 } }

  /// - Parameter asIs: whether commands for a CI system in it are our own.
  func write(_ text: String, asIs: Bool = false) {
    first.withLock { failure in
      guard failure == nil else { return }
      do throws(OutputError) {
        if asIs { try Terminal.write(data: KnownSecrets.redacted(text)) } else { try Terminal.write(text) }
      } catch { failure = error }
    }
  }
}
