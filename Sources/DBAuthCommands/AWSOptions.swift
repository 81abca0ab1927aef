internal import AccessModel
internal import ArgumentParser
internal import Files
internal import FoundationEssentials
internal import Identity
internal import Signing

/// The flags that say whose AWS identity is used, and in which region.
struct AWSOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The database's AWS region. (default: AWS_REGION, AWS_DEFAULT_REGION, the host's name, the profile)"))
  var region: String?

  @Option(
    help: ArgumentHelp(
      "The profile of the shared AWS files to take keys from. (default: the environment's keys, AWS_PROFILE, default)"
    ))
  var profile: String?

  /// The region for `host`, from the flag, the environment, the name or the profile.
  func region(for host: HostName, environment: Environment) throws -> RegionChoice {
    let profile = SharedProfiles.selected(profile, environment: environment)
    return try RegionChoice(flag: region, environment: environment, host: host, profile: profile) {
      try SharedProfiles(environment: environment).region(of: profile)
    }
  }

  /// The credentials to sign with at `date`.
  func credentials(environment: Environment, at date: Date) async throws -> AWSCredentials {
    let chain = CredentialChain.standard(profile: profile, environment: environment)
    return try await chain.resolve(at: date).credentials
  }
}

extension Environment {
  /// This process's own, with the home folder that it has without `HOME`, too.
  static var process: Environment {
    var variables = ProcessInfo.processInfo.environment
    variables["HOME"] = HomeFolder.path(variables["HOME"])
    return Environment(variables)
  }
}
