public import Checkup

/// Writes a line of JSON for each event, as it happens.
public actor CheckJSONLinesObserver: CheckObserver {
  private let write: TextSink

  /// - Parameter write: takes whole lines, in order.
  public init(write: @escaping TextSink) { self.write = write }

  public func receive(_ event: CheckEvent) { write(CheckReportJSONLines.line(event)) }

  /// Writes the last line.
  public func finish(_ report: CheckReport) { write(CheckReportJSONLines.line(report)) }
}
