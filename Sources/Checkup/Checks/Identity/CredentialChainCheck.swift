internal import AccessModel
internal import FoundationEssentials
internal import Identity
internal import Signing

/// AWS credentials are found, and one sees who was asked for them.
struct CredentialChainCheck: Check {
  let id = "cred-chain"
  let stage = Stage.credentials
  let claim = "there are AWS credentials to sign with"
  let requires = ["config-target"]

  func run(_ run: CheckupRun) async -> Outcome {
    let request = run.request
    guard request.givenPassword == nil else {
      return .notApplicable("the password is given; nothing is signed here")
    }
    let chain = CredentialChain.standard(profile: request.profile, environment: request.environment)
    let facts: CredentialFacts
    do {
      let (credentials, trail) = try await chain.resolve(at: request.date)
      let source = trail.entries.last?.provider ?? ""
      facts = .found(
        source: source, suffix: credentials.accessKeyIDSuffix, isTemporary: credentials.sessionToken != nil,
        expiration: credentials.expiration, trail: trail)
      await run.keep(credentials)
    } catch let error as MissingCredentials {
      facts = .none(error.trail)
    } catch let error as IncompleteCredentials {
      facts = .partial(message: error.description)
    } catch let error as ExpiredCredentials {
      facts = .expired(message: error.description)
    } catch let error as UnsupportedProfile where error.isSSO {
      let end = SSOSignIn(startURL: nil, environment: request.environment).end
      if let end, end > request.date {
        facts = .failed(message: error.description)
      } else {
        facts = .signInEnded(
          message: end.map {
            "the sign-in of profile “\(error.profile)” (\(error.setting)) ended at \(UTCTime($0).iso8601)"
          }
            ?? "profile “\(error.profile)” needs a sign-in (\(error.setting)), and there is none",
          profile: error.profile)
      }
    } catch {
      facts = .failed(message: "\(error)")
    }
    await run.record { $0.credentials = facts }
    return Self.outcome(facts)
  }

  private static func outcome(_ facts: CredentialFacts) -> Outcome {
    switch facts {
    case .found(let source, let suffix, let isTemporary, let expiration, let trail):
      let end = expiration.map { ", until \(UTCTime($0).iso8601)" } ?? ""
      return .pass(
        "\(isTemporary ? "temporary" : "long-term") key …\(suffix) from \(source)\(end)", trail.items)
    case .none(let trail): return .fail("nobody has any", trail.items)
    case .partial(let message), .expired(let message), .failed(let message), .signInEnded(let message, _):
      return .fail(message)
    }
  }
}

extension CredentialTrail {
  /// Who was asked and what each said, for showing.
  var items: [EvidenceItem] {
    entries.map { entry in
      switch entry.outcome {
      case .found(let suffix): EvidenceItem(entry.provider, "access key …\(suffix)")
      case .absent(let reason), .failed(let reason): EvidenceItem(entry.provider, reason)
      }
    }
  }
}
