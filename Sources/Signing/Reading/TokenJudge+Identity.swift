internal import AccessModel
internal import FoundationEssentials

/// Whether the token is for the user that logs in, and still, or already, good.
extension TokenJudge {
  var identity: [TokenFault] {
    var faults: [TokenFault] = []
    if let user = reading.user, let wanted = expected.user, user != wanted {
      let differs = user.lowercased() == wanted.lowercased() ? ": names are compared with their case" : ""
      faults.append(
        TokenFault(
          .wrongUser,
          "the token is for the user \(quoted(user)), and the login is as \(quoted(wanted))\(differs)",
          fix: command()))
    }
    // A token that was cut may have lost it with the rest.
    if reading.keyKind == .temporary, !reading.hasSessionToken, reading.signature == .complete {
      faults.append(
        TokenFault(
          .noSessionToken,
          "the key …\(reading.accessKeyIDSuffix ?? "") is a temporary one (ASIA), and its session token is not in the token",
          fix: "give the signer the session token, too: export AWS_SESSION_TOKEN beside the two keys"))
    }
    return faults
  }

  var age: [TokenFault] {
    var faults: [TokenFault] = []
    if let lifetime = reading.lifetime {
      let longest = reading.service == .dsql ? DSQLToken.longestLifetime : RDSToken.lifetime
      if lifetime > longest {
        faults.append(
          TokenFault(
            .expiresOver900,
            "the token asks to live \(lifetime) seconds, and at most \(longest) are accepted",
            fix: "sign with X-Amz-Expires=\(min(longest, RDSToken.lifetime))"))
      }
    }
    guard let now, let signedAt = reading.signedAt else { return faults }
    let age = Int(now.timeIntervalSince(signedAt).rounded(.down))
    let asked = reading.lifetime ?? RDSToken.lifetime
    let lifetime = reading.service == .dsql ? asked : min(asked, RDSToken.lifetime)
    if age < -Self.tolerance {
      faults.append(
        TokenFault(
          .clockSkew,
          "the token was signed at \(UTCTime(signedAt).iso8601), \(Self.words(-age)) after this machine's "
            + "\(UTCTime(now).iso8601): one of the two clocks is wrong",
          fix:
            "compare both with the world's: chronyc tracking, or date -u beside the Date header of an AWS answer"
        ))
    } else if age >= lifetime {
      faults.append(
        TokenFault(
          .expired,
          "the token was signed at \(UTCTime(signedAt).iso8601), \(Self.words(age)) ago, and lives \(Self.words(lifetime))",
          fix: "make a token for each new connection: \(command())"))
    }
    return faults
  }

  /// Seconds by which AWS lets clocks differ.
  private static let tolerance = 300

  private static func words(_ seconds: Int) -> String {
    switch seconds {
    case ..<120: "\(seconds) s"
    case ..<7_200: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3_600) h"
    default: "\(seconds / 86_400) days"
    }
  }
}
