internal import DNS
internal import Sockets

/// This machine has a route to each address.
struct DNSAddressesCheck: Check {
  let id = "dns-addresses"
  let stage = Stage.dns
  let claim = "there is a route to every address"
  let requires = ["dns-resolve"]

  func run(_ run: CheckupRun) async -> Outcome {
    let evidence = await run.evidence
    let port = UInt16(exactly: evidence.target.port) ?? 5432
    let addresses = (evidence.names?.addresses ?? []).compactMap { SocketAddress($0.address, port: port) }
    let reach = addresses.map { address in
      AddressReach(address: address, failure: .timedOut, source: try? LocalRoutes.sourceAddress(for: address))
    }
    let items = reach.map { one in
      let kind = one.address.isLoopback ? "loopback" : one.address.isPrivate ? "private" : "public"
      return EvidenceItem(
        one.address.host, "\(kind), \(one.source.map { "dialled from \($0.host)" } ?? "no route")")
    }
    let kinds = Set(
      reach.map { $0.address.isLoopback ? "loopback" : $0.address.isPrivate ? "private" : "public" })
    return .pass(
      "\(addresses.count) address\(addresses.count == 1 ? "" : "es"), \(kinds.sorted().joined(separator: " and "))",
      items)
  }
}
