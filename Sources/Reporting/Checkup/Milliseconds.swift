extension Duration {
  /// Microseconds, rounded.
  var microseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000 + (attoseconds + (attoseconds < 0 ? -1 : 1) * 500_000_000_000)
      / 1_000_000_000_000
  }

  /// Milliseconds with three decimals: `12.345`.
  var milliseconds: String { Self.decimal(microseconds, decimals: 3) }

  /// Seconds with three decimals: `0.012`.
  var seconds: String { Self.decimal((microseconds + 500) / 1000, decimals: 3) }

  /// For people: `12.3 ms`, `1.23 s`.
  var shown: String {
    let microseconds = microseconds
    return microseconds.magnitude < 1_000_000
      ? Self.decimal((microseconds + 50) / 100, decimals: 1) + " ms"
      : Self.decimal((microseconds + 5000) / 10000, decimals: 2) + " s"
  }

  /// `value` in units of the last decimal.
  private static func decimal(_ value: Int64, decimals: Int) -> String {
    var digits = String(value.magnitude)
    if digits.count <= decimals {
      digits = String(repeating: "0", count: decimals + 1 - digits.count) + digits
    }
    return (value < 0 ? "-" : "") + digits.dropLast(decimals) + "." + digits.suffix(decimals)
  }
}

extension [Duration] {
  /// The smallest sample that `share` of all samples do not exceed (nearest rank); nil without samples.
  func percentile(_ share: Double) -> Duration? {
    guard !isEmpty else { return nil }
    let rank = Int((Double(count) * share).rounded(.up))
    return sorted()[Swift.min(Swift.max(rank, 1), count) - 1]
  }
}
