internal import AccessModel
internal import ArgumentParser
internal import Checkup
internal import Diagnoses

/// Which checks are run, and which of their findings count.
struct DoctorChoiceOptions: ParsableArguments {
  /// From which severity on findings end the process with status 1.
  enum FailOn: String, ExpressibleByArgument, CaseIterable {
    case warn, fail
  }

  @Option(
    help: ArgumentHelp(
      "Run only these checks or stages, and what they need. Separated by commas, repeatable.",
      valueName: "id,…"))
  var only: [String] = []

  @Option(
    help: ArgumentHelp(
      "Leave out these checks or stages. Separated by commas, repeatable.", valueName: "id,…"))
  var skip: [String] = []

  @Option(
    help: ArgumentHelp(
      "Show findings of this check or diagnosis without counting them. Repeatable.", valueName: "id[=reason]")
  )
  var ignore: [String] = []

  @Option(help: "From which kind of finding on the exit status is 1.")
  var failOn = FailOn.fail

  @Flag(help: "Look at the parameters, credentials and token only: no packet is sent.")
  var offline = false

  @Flag(help: "List the checks, and end.")
  var list = false

  @OptionGroup var pages: PageOptions

  func complete(_ request: inout CheckupRequest, _ registry: PageRegistry) throws {
    let checks = Set(CheckSummary.all.flatMap { [$0.id, $0.stage.rawValue] })
    func names(_ lists: [String], _ flag: String) throws -> Set<String> {
      let names = lists.flatMap { $0.split(separator: ",").map(String.init) }
      if names.isEmpty, !lists.isEmpty { throw ValidationError("\(flag) is empty; it names checks or stages, separated by commas") }
      for name in names where !checks.contains(name) {
        throw UnknownCheck(name: name, flag: flag, known: checks)
      }
      return Set(names)
    }
    request.only = try names(only, "--only")
    request.skip = try names(skip, "--skip")
    if let both = request.only.intersection(request.skip).first {
      throw ContradictingOptions("--skip \(both)", "--only \(both)", "there is nothing left of it to run")
    }
    for text in ignore {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard checks.contains(parts[0]) || registry.contains(parts[0]) else {
        throw UnknownCheck(name: parts[0], flag: "--ignore", known: checks.union(registry.ids))
      }
      request.ignored[parts[0]] = parts.count > 1 ? parts[1] : ""
    }
    request.offline = offline
    if offline {
      for (given, name) in [
        (request.administrator != nil, "--admin"), (request.comparison != nil, "--compare-password"),
        (request.samples > 1, "--samples"), (!request.budgets.isEmpty, "--budget"),
        (request.nameServers != nil, "--dns-server"),
      ] where given {
        throw ContradictingOptions("--offline", name, "no packet is sent")
      }
    }
  }
}

/// A name that is neither a check's nor a stage's.
struct UnknownCheck: ConfigurationError {
  let name, flag: String
  let known: Set<String>

  var description: String {
    let near = known.map { ($0, $0.editDistance(to: name)) }.filter { $0.1 <= max(2, name.count / 3) }
      .sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(3).map { "“\($0.0)”" }
    let suggestion = near.isEmpty ? "" : " Did you mean \(near.joined(separator: " or "))?"
    return
      "\(flag): there is no check “\(name.escapedForDisplay)”.\(suggestion) All of them: dbauth-admin doctor --list"
  }
}
