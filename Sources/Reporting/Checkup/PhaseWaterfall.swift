internal import Checkup

/// One connection's phases: bars on a terminal that has room for them, and plain numbers everywhere.
struct PhaseWaterfall {
  var phases: [PhaseTime]
  var style: OutputStyle

  private static let nameWidth = 14
  /// "1234.5 ms" is as wide as a time gets, but for the odd minute.
  private static let timeWidth = 9

  var text: String {
    let numbers = phases.map { phase in
      String(repeating: " ", count: max(0, Self.timeWidth - phase.duration.shown.count)) + figures(phase)
    }
    let longest = numbers.map(\.count).max() ?? 0
    let room = (style.width ?? 0) - Self.nameWidth - longest - 4
    // Under ten columns a bar says nothing; over sixty it is far from its numbers.
    let bars = style.unicode && room >= 10 ? min(room, 60) : 0
    let whole = phases.reduce(Duration.zero) { $0 + $1.duration }.microseconds
    var start: Int64 = 0
    var text = ""
    for (phase, number) in zip(phases, numbers) {
      let name = "  " + phase.phase.rawValue.padding(to: Self.nameWidth)
      if bars > 0, whole > 0 {
        text +=
          name + style.paint(bar(start, phase.duration.microseconds, whole, bars), .green) + "  \(number)\n"
      } else {
        text += HangingText(name + number.prefix { $0 == " " }, number).render(style)
      }
      start += phase.duration.microseconds
    }
    return text
  }

  /// In eighths of a column; at least one, so that no phase vanishes.
  private func bar(_ start: Int64, _ duration: Int64, _ whole: Int64, _ columns: Int) -> String {
    let eighths = Int64(columns * 8)
    let first = Int(start * eighths / whole / 8)
    let length = max(1, Int((duration * eighths + whole / 2) / whole))
    let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    let full = min(length / 8, columns - first)
    let rest = first + full < columns ? parts[length % 8] : ""
    return
      (String(repeating: " ", count: min(first, columns - 1)) + String(repeating: "█", count: full) + rest)
      .padding(to: columns)
  }

  /// The time, how much of it the protocol explains, and how samples spread.
  private func figures(_ phase: PhaseTime) -> String {
    var text = phase.duration.shown
    if let trips = phase.roundTrips, trips > 0 {
      text += trips == 1 ? "  1 round trip" : "  \(trips) round trips"
      if let rest = unexplained(phase, trips), rest >= .milliseconds(1) { text += " + \(rest.shown)" }
    }
    if phase.samples.count > 1, let least = phase.samples.min(), let high = phase.samples.percentile(0.95) {
      text += "  (\(least.shown) to p95 \(high.shown))"
    }
    return text
  }

  /// What the round trips do not explain; under a millisecond it is not worth a word. Making the TCP connection is one round trip and nothing else.
  private func unexplained(_ phase: PhaseTime, _ trips: Int) -> Duration? {
    guard phase.phase != .tcp, let trip = phases.first(where: { $0.phase == .tcp })?.duration else {
      return nil
    }
    return max(.zero, phase.duration - trip * trips)
  }
}
