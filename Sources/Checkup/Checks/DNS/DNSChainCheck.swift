internal import DNS

/// The aliases on the way are few, and end.
struct DNSChainCheck: Check {
  let id = "dns-chain"
  let stage = Stage.dns
  let claim = "the chain of aliases is whole"
  let requires = ["config-target"]
  let after = ["dns-resolve"]

  func run(_ run: CheckupRun) async -> Outcome {
    guard let names = await run.evidence.names else { return .unknown("the name was not looked up") }
    let evidence = names.chain.map { EvidenceItem("CNAME", "\($0.owner) → \($0.target) (TTL \($0.ttl) s)") }
    if names.loop { return .fail("the aliases lead back to themselves", evidence) }
    if names.hopLimitReached { return .fail("more than \(Resolver.hopLimit) aliases in a row", evidence) }
    guard let last = names.chain.last else { return .pass("no alias on the way") }
    return .pass(
      "\(names.chain.count) alias\(names.chain.count == 1 ? "" : "es"), to \(last.target)", evidence)
  }
}
