internal import AccessModel
internal import ArgumentParser
internal import Checkup
internal import Targets

/// How often and against what `doctor` measures.
struct DoctorMeasuringOptions: ParsableArguments {
  @Option(help: "How many logins to measure.")
  var samples = 1

  @Option(
    help: ArgumentHelp(
      "The most milliseconds that a phase may take at the median. Repeatable.", valueName: "phase=ms"))
  var budget: [String] = []

  @Flag(
    help:
      "Measure logins by password in turn with those by token; the password is in DBAUTH_COMPARE_PASSWORD.")
  var comparePassword = false

  @Option(
    help: ArgumentHelp("The user of the logins by password. (default: the target's)", valueName: "user"))
  var compareUser: String?

  @Option(help: "When everything has to be over: 20s, 500ms.")
  var timeout = "30s"

  func complete(_ request: inout CheckupRequest, _ environment: Environment) throws {
    guard 1...1_000 ~= samples else { throw InvalidOption("--samples is \(samples); it can be 1 to 1000") }
    request.samples = samples
    request.timeout = try Self.duration(timeout, of: "--timeout")
    for text in budget {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else {
        throw InvalidOption("--budget “\(text.escapedForDisplay)” is not PHASE=MS, such as tls=150")
      }
      guard let phase = ConnectionPhase(rawValue: parts[0]) else { throw UnknownPhase(name: parts[0]) }
      request.budgets[phase] = try Self.duration(parts[1], of: "--budget \(parts[0])", unit: "ms")
    }
    if comparePassword {
      guard let password = environment["DBAUTH_COMPARE_PASSWORD"] else {
        throw MissingSecret(flag: "--compare-password", variable: "DBAUTH_COMPARE_PASSWORD")
      }
      request.comparison = (compareUser ?? request.settings["user"] ?? "", Secret(password))
    } else if compareUser != nil {
      throw InvalidOption(
        "--compare-user says who logs in by password, and --compare-password is not given")
    }
  }

  /// `20s`, `500ms`, `1.5s`, or a number of `unit`s.
  private static func duration(_ text: String, of name: String, unit: String = "s") throws -> Duration {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let suffix = text.dropFirst(digits.count).isEmpty ? unit : String(text.dropFirst(digits.count))
    guard let number = Double(digits), number > 0, number < 1e6,
      let scale = ["ms": 0.001, "s": 1, "m": 60][suffix]
    else {
      let examples = unit == "ms" ? "150, in milliseconds, or 150ms" : "20s or 500ms"
      throw InvalidOption("\(name) “\(text.escapedForDisplay)” is not a time such as \(examples)")
    }
    return .seconds(number * scale)
  }
}

/// A budget for something that is no phase.
struct UnknownPhase: ConfigurationError {
  let name: String

  var description: String {
    "there is no phase “\(name.escapedForDisplay)”; the phases are \(ConnectionPhase.allCases.map(\.rawValue).joined(separator: ", "))"
  }
}

/// A secret that is needed and not in the environment.
struct MissingSecret: ConfigurationError {
  let flag, variable: String

  var description: String {
    "\(flag) needs the password in the environment variable \(variable), which is not set"
  }
}
