/// Every check there is, in the order in which reports list them.
enum CheckRegistry {
  static let all: [any Check] = [
    ConfigTargetCheck(), ConfigTLSCheck(), ConfigPasswordCheck(), ConfigOptionsCheck(),
    DNSResolveCheck(), DNSChainCheck(), DNSEndpointCheck(), DNSAddressesCheck(),
    TCPConnectCheck(),
    TLSOfferedCheck(), TLSVersionsCheck(), TLSBundleCheck(), TLSTrustCheck(), TLSNameCheck(),
    TLSExpiryCheck(),
    TLSAddressesCheck(), TLSModesCheck(),
    RouteMethodCheck(), RoutePlaintextCheck(), RouteRulesCheck(),
    CredentialChainCheck(),
    TokenFactsCheck(),
    LoginTokenCheck(),
    RoleAttributesCheck(), RoleMembershipsCheck(), RoleDatabaseCheck(), RoleObjectsCheck(),
    TimingPhasesCheck(), TimingBudgetCheck(), TimingCompareCheck(),
  ]
}

/// What `checks list` and `doctor --list` say of a check.
public struct CheckSummary: Sendable, Hashable {
  public let id: String
  public let stage: Stage
  public let claim: String
  public let requires: [String]
  /// How many connections to the database it opens at most.
  public let connections: Int

  /// Every check, in the order of reports.
  public static var all: [CheckSummary] {
    CheckRegistry.all.map {
      CheckSummary(
        id: $0.id, stage: $0.stage, claim: $0.claim, requires: $0.requires, connections: $0.connections)
    }
  }
}
