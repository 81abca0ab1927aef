extension Duration {
  /// Milliseconds as a number.
  var milliseconds: Double {
    Double(components.seconds) * 1_000 + Double(components.attoseconds) / 1e15
  }

  /// A span that a server has told, which may be any number: at most a thousand years, and none for what is no number.
  static func told(seconds: Double) -> Duration {
    .seconds(seconds.isNaN ? 0 : min(max(seconds, -3.2e10), 3.2e10))
  }

  /// `0.4 ms`, `12 ms`, `1,204 ms` is written `1.2 s`.
  var inMilliseconds: String {
    let value = milliseconds
    if value >= 1_000 { return "\((value / 100).rounded() / 10) s" }
    return value >= 10 ? "\(Int(value.rounded())) ms" : "\((value * 10).rounded() / 10) ms"
  }
}
