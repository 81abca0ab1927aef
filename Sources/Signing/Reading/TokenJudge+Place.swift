internal import AccessModel

/// Whether the token is for the server that the login goes to.
extension TokenJudge {
  var place: [TokenFault] {
    guard !reading.host.isEmpty else { return [] }
    return hostFaults + portFaults + regionFaults
  }

  private var hostFaults: [TokenFault] {
    var faults: [TokenFault] = []
    let form = (try? HostName(reading.host))?.form
    if form == .localhost || form == .ipv4 || form == .ipv6 || form == .socket {
      faults.append(
        TokenFault(
          .signedLocal,
          "the token is signed for \(quoted(reading.host)), and the server knows itself by its endpoint's name only",
          fix: "\(command()), and through a tunnel dial host=ENDPOINT hostaddr=127.0.0.1 port=LOCALPORT"))
    } else if let endpoint = signed {
      if endpoint.kind == .custom {
        faults.append(
          TokenFault(
            .customEndpoint,
            "the token is signed for \(quoted(reading.host)), a custom endpoint of Aurora, which IAM does not accept",
            fix: "sign for the cluster's own endpoint (….cluster-… or ….cluster-ro-…) and dial that"))
      } else if let host = expected.host, !Self.same(host, reading.host) {
        faults.append(
          TokenFault(
            .wrongHost, "the token is for \(quoted(reading.host)), and the login goes to \(quoted(host))",
            fix: command()))
      }
    } else if form == .name, expected.host.map({ !Self.same($0, reading.host) }) ?? true {
      let instead = expected.host.map { ", and the endpoint is \(quoted($0))" } ?? ""
      faults.append(
        TokenFault(
          .aliasSigned,
          "the token is signed for \(quoted(reading.host)), which is no endpoint of AWS\(instead)",
          fix: "\(command()); find the endpoint with: dig +short CNAME \(reading.host.escapedForDisplay)"))
    }
    if reading.host.utf8.contains(where: \.isASCIIUppercase) {
      faults.append(
        TokenFault(
          .uppercaseHost,
          "the host \(quoted(reading.host)) has capitals, and its signature is right only if the signer lowered them first",
          fix: "sign for the host in lower case: \(reading.host.lowercased().escapedForDisplay)"))
    }
    return faults
  }

  private var portFaults: [TokenFault] {
    guard reading.service == .rds else { return [] }
    guard reading.portText != nil else {
      return [
        TokenFault(
          .noPort, "the token is for \(quoted(reading.host)) without a port, and RDS checks host and port",
          fix: command())
      ]
    }
    guard let port = reading.port, let wanted = expected.port, port != wanted else { return [] }
    return [
      TokenFault(
        .wrongPort, "the token is for port \(port), and the server's own port is \(wanted)", fix: command())
    ]
  }

  private var regionFaults: [TokenFault] {
    guard let scope = reading.scope else { return [] }
    let service = reading.service == .dsql ? "dsql" : "rds-db"
    var faults: [TokenFault] = []
    if scope.service != service {
      faults.append(
        TokenFault(
          .wrongService,
          "the token is signed for the service \(quoted(scope.service)), and this login needs “\(service)”",
          fix: "use the signer for database tokens, not a general presigner: \(command())"))
    } else if let wanted = expected.service, wanted != reading.service {
      faults.append(
        TokenFault(
          .wrongService,
          "the token is one for \(reading.service.rawValue.uppercased()), and the server is one of "
            + wanted.rawValue.uppercased(),
          fix: "dbauth-admin token \(wanted.rawValue)"))
    }
    let (region, source) = wantedRegion
    if let region, scope.region != region.name {
      faults.append(
        TokenFault(
          .wrongRegion, "the token is signed for the region \(quoted(scope.region)), and \(source) \(region)",
          fix: command()))
    }
    return faults
  }

  /// The region that the token should be for, and who says so.
  private var wantedRegion: (Region?, String) {
    if let region = expected.endpoint?.region { return (region, "the endpoint is in") }
    if let region = expected.region { return (region, "the database is in") }
    return (signed?.region, "its own host is in")
  }

  /// Host names do not differ by their case or a final dot.
  private static func same(_ one: String, _ other: String) -> Bool {
    func plain(_ text: String) -> String {
      let name = text.lowercased()
      return name.hasSuffix(".") ? String(name.dropLast()) : name
    }
    return plain(one) == plain(other)
  }
}
