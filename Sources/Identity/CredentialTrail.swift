internal import Signing

/// Who was asked for credentials, in order, and what each answered. Holds no secret.
public struct CredentialTrail: Sendable, Hashable, CustomStringConvertible {
  /// One provider's answer.
  public struct Entry: Sendable, Hashable {
    public enum Outcome: Sendable, Hashable {
      /// Credentials were found; the last four characters of the access key's id.
      case found(accessKeyIDSuffix: String)
      case absent(reason: String)
      case failed(reason: String)
    }

    public let provider: String
    public let outcome: Outcome
  }

  public private(set) var entries: [Entry] = []

  public init() {}

  mutating func record(_ outcome: Entry.Outcome, by provider: some CredentialProvider) {
    entries.append(Entry(provider: provider.name, outcome: outcome))
  }

  /// One line for each provider.
  public var description: String {
    entries.map { entry in
      switch entry.outcome {
      case .found(let suffix): "  \(entry.provider): access key …\(suffix)"
      case .absent(let reason), .failed(let reason): "  \(entry.provider): \(reason)"
      }
    }.joined(separator: "\n")
  }
}
