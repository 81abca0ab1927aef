internal import FoundationEssentials

/// Reading the points in time that credentials carry: `2024-01-02T03:04:05Z`, `…05.678Z`, `…05+00:00`.
enum ISO8601 {
  static func date(_ text: String) -> Date? {
    let style = Date.ISO8601FormatStyle(timeZoneSeparator: .colon)
    return (try? style.parse(text))
      ?? (try? style.year().month().day().time(includingFractionalSeconds: true)
        .timeZone(separator: .colon).parse(text))
  }
}
