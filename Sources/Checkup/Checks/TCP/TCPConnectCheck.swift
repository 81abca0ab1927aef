internal import DNS
internal import Sockets

/// Every address takes connections, each tried by itself, side by side.
struct TCPConnectCheck: Check {
  /// More addresses than this are not tried: a healthy run opens few connections.
  static let limit = 4

  let id = "tcp-connect"
  let stage = Stage.tcp
  let claim = "the port takes connections"
  let requires = ["dns-resolve"]
  let connections = limit

  func run(_ run: CheckupRun) async -> Outcome {
    let evidence = await run.evidence
    let port = UInt16(exactly: evidence.target.port) ?? 5432
    let addresses = (evidence.names?.addresses ?? []).prefix(Self.limit)
      .compactMap { SocketAddress($0.address, port: port) }
    let end = run.deadline(deadline)
    let reach = await withTaskGroup(of: AddressReach.self) { group in
      for address in addresses {
        group.addTask {
          let started = ContinuousClock.now
          let source = try? LocalRoutes.sourceAddress(for: address)
          do throws(TCPFailure) {
            let connection = try await TCPConnection.open(to: address, until: end)
            await run.keep(connection, for: address)
            let duration = ContinuousClock.now - started
            return AddressReach(
              address: address, duration: duration, source: source,
              roundTrip: min(connection.roundTrip ?? duration, duration))
          } catch {
            return AddressReach(address: address, failure: error, duration: .now - started, source: source)
          }
        }
      }
      return await group.reduce(into: [SocketAddress: AddressReach]()) { $0[$1.address] = $1 }
    }
    let ordered = addresses.compactMap { reach[$0] }
    await run.record { $0.reach = ordered }
    let items = ordered.map { one in
      EvidenceItem(
        "\(one.address)", "\(one.failure.map { "\($0)" } ?? "connected") after \(one.duration.inMilliseconds)"
      )
    }
    let reached = ordered.filter { $0.failure == nil }
    guard let first = reached.first else {
      return .fail(
        ordered.map { "\($0.address): \($0.failure.map { "\($0)" } ?? "")" }.joined(separator: "; "), items)
    }
    let others =
      ordered.count == reached.count
      ? ""
      : "; not at "
        + ordered.filter { $0.failure != nil }
        .map { "\($0.address): \($0.failure.map { "\($0)" } ?? "")" }.joined(separator: "; ")
    return .pass("\(first.address) in \(first.duration.inMilliseconds)\(others)", items)
  }
}
