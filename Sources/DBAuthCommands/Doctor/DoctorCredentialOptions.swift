internal import AccessModel
internal import ArgumentParser
internal import Checkup
internal import FoundationEssentials
internal import Targets

/// What `doctor` logs in with.
struct DoctorCredentialOptions: ParsableArguments {
  @OptionGroup var aws: AWSOptions

  @Option(
    help: ArgumentHelp("Sign the token for this endpoint instead of the host's.", valueName: "host[:port]"))
  var tokenHost: String?

  @Flag(help: "Log in with PGPASSWORD, a token or a password, instead of making a token.")
  var passwordFromEnv = false

  func complete(_ request: inout CheckupRequest, _ environment: Environment) throws {
    request.profile = aws.profile ?? request.settings["profile"]
    request.region = try (aws.region ?? request.settings["region"]).map { try Region($0).description }
    request.regionSource =
      aws.region.map { _ in "--region" } ?? request.settings.setting("region").map { "\($0.source)" }
    if let text = tokenHost ?? request.settings["token-host"] {
      let colon = text.lastIndex(of: ":")
      let host = try HostName(colon.map { String(text[..<$0]) } ?? text)
      guard host.form == .name else { throw UnsignableHost(host: host, problem: .notAName) }
      request.tokenHost = host
      if let colon {
        let port = String(text[text.index(after: colon)...])
        guard let number = Int(port), 1...65_535 ~= number else {
          throw InvalidPort(text: port, source: "--token-host")
        }
        request.tokenPort = number
      }
    }
    if passwordFromEnv {
      if let flag = aws.profile {
        throw ContradictingOptions("--password-from-env", "--profile \(flag)", "nothing is signed")
      }
      // libpq's order: a password in the connection string or service file, then PGPASSWORD, then the password file.
      request.givenPassword = request.settings.password?.value ?? Secret("")
    }
  }
}

/// Two options that cannot both be meant.
struct ContradictingOptions: ConfigurationError {
  let description: String

  init(_ one: String, _ other: String, _ reason: String) {
    description = "\(one) and \(other) contradict each other: with \(one), \(reason)"
  }
}
