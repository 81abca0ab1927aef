import TLS

@testable import Checkup

extension Evidence {
  /// What there is of this evidence when a check has just run: what it recorded itself, and what the checks did that it
  /// waits for.
  func asKnown(to check: String) -> Evidence {
    let before = Self.closure(of: check)
    var evidence = self
    for (recorder, forget) in Self.recorders where !before.contains(recorder) { forget(&evidence) }
    return evidence
  }

  private static func closure(of check: String) -> Set<String> {
    let byID = Dictionary(uniqueKeysWithValues: CheckRegistry.all.map { ($0.id, $0) })
    var found: Set<String> = []
    var open = [check]
    while let id = open.popLast() {
      if found.insert(id).inserted, let check = byID[id] { open += check.requires + check.after }
    }
    return found
  }

  /// Which check records which part of the evidence.
  private static let recorders: [(check: String, forget: @Sendable (inout Evidence) -> Void)] = [
    ("config-tls", { $0.tls = nil }),
    ("config-password", { $0.password = nil }),
    ("dns-resolve", { $0.names = nil }),
    ("dns-endpoint", { $0.endpoint = nil }),
    ("dns-endpoint", { $0.target.region = nil }),
    ("tcp-connect", { $0.reach = [] }),
    ("tls-offered", { $0.handshakes = [] }),
    (
      "tls-versions",
      {
        for index in $0.handshakes.indices {
          ($0.handshakes[index].observation, $0.handshakes[index].failure) = (nil, nil)
        }
      }
    ),
    ("tls-bundle", { $0.trust?.roots = .none }),
    ("tls-trust", { $0.trust?.issues = nil }),
    ("tls-name", { $0.trust?.nameMatches = nil }),
    ("route-plaintext", { $0.plaintextAnswer = nil }),
    ("route-method", { $0.encryptedAnswer = nil }),
    ("route-rules", { $0.administration = nil }),
    ("cred-chain", { $0.credentials = nil }),
    ("token-facts", { $0.token = nil }),
    ("login-token", { $0.login = nil }),
    ("login-token", { $0.timing = nil }),
    ("role-attributes", { $0.role = nil }),
    ("role-attributes", { $0.firstStatementFailure = nil }),
  ]
}
