internal import AccessModel
internal import FoundationEssentials

/// Compares what a token says with what it should say. Each group of rules is an extension.
struct TokenJudge {
  let reading: TokenReading
  let expected: TokenExpectation
  let now: Date?

  /// The endpoint that the token names, if it names one.
  let signed: DatabaseEndpoint?

  init(reading: TokenReading, expected: TokenExpectation, now: Date?) {
    self.reading = reading
    self.expected = expected
    self.now = now
    signed = DatabaseEndpoint(reading.host)
  }

  /// The command that makes the right token, with everything that is known.
  func command() -> String {
    let host = expected.host ?? (signed == nil ? nil : reading.host)
    let region = (expected.endpoint ?? signed)?.region ?? expected.region
    var words = [
      "dbauth-admin token \(reading.service.rawValue)",
      ShellText.option("-h", host ?? "ENDPOINT", long: "--host"),
    ]
    if reading.service == .rds {
      words.append("-p \(expected.port ?? reading.port ?? DatabaseEngine.postgresql.defaultPort)")
      words.append(ShellText.option("-U", expected.user ?? reading.user ?? "USER", long: "--username"))
    }
    if let region { words.append(ShellText.option("--region", "\(region)")) }
    return words.joined(separator: " ")
  }

  /// A value of the token between quotation marks, for a sentence.
  func quoted(_ text: String?) -> String {
    "“\((text ?? "").escapedForDisplay.prefix(120))”"
  }
}
