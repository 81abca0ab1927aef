internal import AccessModel
internal import Signing

/// What the credentials, the token and the clocks say.
enum TokenRules {
  /// A token dated further than this from the server's time is refused, by SigV4's own tolerance of 5 minutes.
  private static let tolerance = Duration.seconds(300)

  static func findings(_ evidence: Evidence) -> [Finding] {
    credentials(evidence) + token(evidence) + clock(evidence)
  }

  private static func credentials(_ evidence: Evidence) -> [Finding] {
    let check = "cred-chain"
    return switch evidence.credentials {
    case .none?:
      [Finding("cred-none", .certain, check: check, reason: "no source of the chain has AWS credentials")]
    case .partial(let message)?: [Finding("cred-partial", .certain, check: check, reason: message)]
    case .expired(let message)?: [Finding("tok-creds-expired", .certain, check: check, reason: message)]
    case .signInEnded(let message, let profile)?:
      [
        Finding(
          "cred-sso-expired", .certain, check: check, reason: message,
          fix: "aws sso login --profile \(ShellText.word(profile))")
      ]
    case .failed, .found, nil: []
    }
  }

  private static func token(_ evidence: Evidence) -> [Finding] {
    guard let token = evidence.token else { return [] }
    return token.faults.compactMap { fault in
      // A token made here is for the name that was found: what is odd about that name is said where it was found.
      if !token.isGiven,
        ["dns-alias-signed", "dns-aurora-custom-endpoint", "tun-signed-local"].contains(fault.slug.rawValue)
      {
        return nil
      }
      if [.wrongHost, .aliasSigned].contains(fault.slug), let host = token.host,
        let facts = evidence.endpoint,
        facts.beyond.contains(where: { $0.lowercased() == host.lowercased() })
      {
        return Finding(
          "dns-alias-overwalk", .certain, check: "token-facts",
          reason:
            "the token is for \(host), which lies behind the endpoint \(facts.endpoint?.host ?? "") on the chain of aliases",
          fix: "--token-host \(facts.endpoint.map { ShellText.word($0.host) } ?? "<endpoint>")")
      }
      if fault.slug == .wrongRegion, !token.isGiven, let source = evidence.target.regionSource,
        let told = evidence.endpoint?.endpoint?.region
      {
        return Finding(
          fault.slug.rawValue, .certain, check: "token-facts",
          reason:
            "\(source) says \(evidence.target.region ?? ""), and the endpoint is in \(told): whatever takes its region from there signs tokens that are refused",
          fix: source.hasPrefix("AWS_") ? "  unset \(source)" : "--region \(told)")
      }
      return Finding(
        fault.slug.rawValue, fault.severity == .error ? .error : .warning, .certain, check: "token-facts",
        reason: fault.reason,
        fix: fault.fix)
    }
  }

  /// This machine's clock beside the server's.
  private static func clock(_ evidence: Evidence) -> [Finding] {
    guard let offset = evidence.administration?.clockOffset ?? evidence.role?.clockOffset, evidence.usesToken,
      abs(offset.milliseconds) > tolerance.milliseconds
    else { return [] }
    let minutes = Int((abs(offset.milliseconds) / 60_000).rounded())
    let direction = offset < .zero ? "ahead of" : "behind"
    return [
      Finding(
        "tok-clock-skew", .certain, check: "token-facts",
        reason:
          "this machine's clock is \(minutes) minutes \(direction) the server's, and tokens carry the time of signing",
        fix: "timedatectl set-ntp true")
    ]
  }
}
