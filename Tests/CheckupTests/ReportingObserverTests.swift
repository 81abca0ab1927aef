import Checkup
import Reporting
import Synchronization
import Testing

/// Keeps what was written.
private final class Transcript: Sendable {
  private let pieces = Mutex<[String]>([])

  var sink: TextSink { { piece in self.pieces.withLock { $0.append(piece) } } }
  var written: [String] { pieces.withLock { $0 } }
  var text: String { written.joined() }
}

@Suite("doctor's report while the run goes on")
struct ReportingObserverTests {
  static let style = OutputStyle(unicode: true, width: 80)

  private static func textObserver(_ report: CheckReport, _ transcript: Transcript) -> CheckTextObserver {
    CheckTextObserver(
      checks: report.checks.map { ($0.id, $0.stage) }, target: report.target, style: style,
      write: transcript.sink)
  }

  @Test(
    "whatever the order in which checks end, the streamed text is the text of the whole report",
    arguments: SampleReport.allCases)
  func same(_ sample: SampleReport) async {
    let report = sample.report
    for order in [report.checks, report.checks.reversed(), report.checks.shuffled()] {
      let transcript = Transcript()
      let observer = Self.textObserver(report, transcript)
      for check in order { await observer.receive(.finished(check)) }
      await observer.finish(report)
      #expect(transcript.text == CheckReportText(report, style: Self.style).text)
    }
  }

  @Test("a stage is written as soon as its last check has ended")
  func early() async throws {
    let report = Samples.failing
    let transcript = Transcript()
    let observer = Self.textObserver(report, transcript)
    for check in report.checks where check.stage == .config { await observer.receive(.finished(check)) }
    #expect(transcript.written.count == 2)
    #expect(transcript.written.last?.hasPrefix("✓ config") == true)
    let tcp = try #require(report.checks.first { $0.stage == .tcp })
    await observer.receive(.finished(tcp))
    #expect(transcript.written.count == 2, "the dns stage is still to come")
  }

  @Test("checks that nobody announced, and those that never ended, are in the text all the same")
  func unannounced() async {
    let report = Samples.failing
    let transcript = Transcript()
    let observer = CheckTextObserver(checks: [], style: Self.style, write: transcript.sink)
    for check in report.checks.prefix(3) { await observer.receive(.finished(check)) }
    await observer.finish(report)
    #expect(transcript.text == CheckReportText(report, style: Self.style).text)
  }

  @Test("lines of JSON: what starts, what was found, and the report last")
  func jsonLines() async {
    let report = Samples.healthy
    let transcript = Transcript()
    let observer = CheckJSONLinesObserver(write: transcript.sink)
    await observer.receive(.started(id: "tls-offered", stage: .tls, claim: "the server offers TLS"))
    for check in report.checks { await observer.receive(.finished(check)) }
    await observer.finish(report)
    #expect(
      transcript.written.first
        == #"{"type":"started","id":"tls-offered","category":"tls","claim":"the server offers TLS"}"# + "\n")
    #expect(transcript.written.dropFirst().joined() == CheckReportFormat.jsonl.render(report))
    #expect(transcript.written.allSatisfy { $0.hasSuffix("\n") && $0.filter(\.isNewline).count == 1 })
  }
}
