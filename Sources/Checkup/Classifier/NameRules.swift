internal import AccessModel
internal import DNS
internal import Sockets

/// What names, aliases and addresses say.
enum NameRules {
  static func findings(_ evidence: Evidence) -> [Finding] {
    lookup(evidence) + endpoint(evidence) + addresses(evidence)
  }

  private static func lookup(_ evidence: Evidence) -> [Finding] {
    guard let names = evidence.names else { return [] }
    if names.loop || names.hopLimitReached {
      let reason =
        names.loop
        ? "the aliases lead back to themselves" : "there are more than \(Resolver.hopLimit) aliases in a row"
      return [
        Finding("dns-alias-unresolvable", .certain, check: "dns-resolve", reason: "\(reason): \(path(names))")
      ]
    }
    guard names.status != .answered else { return [] }
    if names.status == .timedOut || names.status == .unreachable {
      let asked = names.server.map { " (asked: \($0))" } ?? ""
      return [
        Finding(
          "dns-nxdomain", .probable, check: "dns-resolve",
          reason:
            "no name server answered for \(names.name): \(names.status.explanation)\(asked); so it is not known whether the name exists",
          fix: "resolvectl status shows the name servers in use; --dns-server <address> asks another one")
      ]
    }
    let server = names.server.map { " says \($0)" } ?? ""
    let end = names.chain.isEmpty ? "" : "; the alias leads to \(names.canonicalName)"
    return [
      Finding(
        "dns-nxdomain", names.status == .nxDomain || names.status == .noData ? .certain : .probable,
        check: "dns-resolve",
        reason: "\(names.name): \(names.status.explanation)\(server)\(end)")
    ]
  }

  private static func path(_ names: Resolution) -> String {
    ([names.name] + names.chain.prefix(4).map(\.target)).joined(separator: " → ")
  }

  private static func endpoint(_ evidence: Evidence) -> [Finding] {
    guard let facts = evidence.endpoint, let host = evidence.target.host, evidence.usesToken else {
      return []
    }
    let tokenHost = evidence.target.tokenHost?.name
    var findings: [Finding] = []
    if let tokenHost {
      if facts.beyond.contains(where: { $0.lowercased() == tokenHost.lowercased() }) {
        findings.append(
          Finding(
            "dns-alias-overwalk", .certain, check: "dns-endpoint",
            reason:
              "\(tokenHost) lies behind the endpoint on the chain \(([host.name] + (evidence.names?.chain.map(\.target) ?? [])).joined(separator: " → "))"
          ))
      }
      if let real = realEndpoint(evidence), real.lowercased() == "\(tokenHost.lowercased()).cn" {
        findings.append(
          Finding(
            "dns-china-suffix", .certain, check: "dns-endpoint",
            reason: "the endpoint is \(real), in China; \(tokenHost) lacks the “.cn”",
            fix: "--token-host \(ShellText.word(real))"))
      } else if host.form == .name, tokenHost.lowercased() == host.name.lowercased(), facts.isAlias {
        findings.append(
          Finding(
            "dns-alias-signed", .certain, check: "dns-endpoint",
            reason:
              "\(tokenHost) is an alias of \(realEndpoint(evidence) ?? "the endpoint"), and the server verifies a token for its own name",
            fix: "--token-host \(realEndpoint(evidence).map(ShellText.word) ?? "<endpoint>")"))
      }
    }
    if facts.endpoint?.kind == .custom,
      tokenHost == nil || tokenHost?.lowercased() == facts.endpoint?.host.lowercased()
    {
      findings.append(
        Finding(
          "dns-aurora-custom-endpoint", .certain, check: "dns-endpoint",
          reason:
            "\(facts.signed) is a custom endpoint of Aurora, and a token must be signed for the cluster's own",
          fix: "--token-host <cluster>.cluster-<id>.<region>.rds.amazonaws.com"))
    }
    if facts.endpoint == nil, tokenHost == nil, host.form == .name, evidence.makesToken,
      evidence.names?.status == .answered
    {
      findings.append(
        Finding(
          "dns-alias-unresolvable", .certain, check: "dns-endpoint",
          reason:
            "\(host) is no AWS endpoint, and no CNAME leads from it to one: which name to sign for cannot be seen",
          fix: "--token-host <endpoint>"))
    }
    if facts.endpoint == nil, tokenHost == nil, [.localhost, .ipv4, .ipv6].contains(host.form),
      evidence.makesToken
    {
      findings.append(
        Finding(
          "tun-signed-local", .certain, check: "dns-endpoint",
          reason: "\(host) is this end of a tunnel; a token signed for it is refused at the other end",
          fix: "-d 'host=<endpoint> hostaddr=127.0.0.1 port=<local port>' --token-host <endpoint>:5432"))
    }
    return findings
  }

  /// The first AWS endpoint on the way from the host, whatever was signed for.
  static func realEndpoint(_ evidence: Evidence) -> String? {
    let names = [evidence.target.host?.name].compactMap { $0 } + (evidence.names?.chain.map(\.target) ?? [])
    return names.first { DatabaseEndpoint($0) != nil }
  }

  private static func addresses(_ evidence: Evidence) -> [Finding] {
    let failed = evidence.reach.filter { $0.failure != nil }
    guard !failed.isEmpty, failed.count == evidence.reach.count else { return [] }
    guard
      failed.allSatisfy({ one in
        switch one.failure {
        case .timedOut, .unreachable: true
        default: false
        }
      })
    else { return [] }
    if failed.allSatisfy({
      $0.address.isPrivate && !$0.address.isLoopback && !isLinkLocal($0.address)
    }) {
      let outside = failed.first { one in one.source.map { !sharesNetwork($0, with: one.address) } ?? true }
      if let outside {
        return [
          Finding(
            "dns-private-outside-vpc", .certain, check: "tcp-connect",
            reason:
              "\(evidence.target.host?.name ?? "the name") leads to the private address \(outside.address.host), and this machine "
              + (outside.source.map { "(\($0.host)) is in another network" } ?? "has no route to it"),
            consequences: ["tcp-timeout", "tcp-unreachable"])
        ]
      }
    }
    if failed.allSatisfy({ !$0.address.isPrivate && !$0.address.isLoopback }),
      failed.contains(where: { $0.source?.isPrivate == true })
    {
      // Offices and homes have private addresses as well as VPCs: this is one guess among others.
      return [
        Finding(
          "dns-public-inside-vpc", .possible, check: "tcp-connect",
          reason:
            "the name leads to the public address \(failed[0].address.host), and this machine is in the private network of "
            + "\(failed[0].source?.host ?? ""): inside a VPC the private address should answer, and security groups only let that one in",
          fix:
            "if this machine is in the database's VPC: --dns-server 169.254.169.253 asks the VPC's own name server"
        )
      ]
    }
    return []
  }

  /// 169.254/16 (RFC 3927) and fe80::/10 (RFC 4291): of one link, and so of no VPC.
  private static func isLinkLocal(_ address: SocketAddress) -> Bool {
    let host = address.host.lowercased()
    return ["169.254.", "::ffff:169.254.", "fe8", "fe9", "fea", "feb"].contains { host.hasPrefix($0) }
  }

  /// Whether two addresses lie in the same private block (10/8, 172.16/12, 192.168/16, an IPv6 /48): a rough sign of one network.
  private static func sharesNetwork(_ source: SocketAddress, with address: SocketAddress) -> Bool {
    guard source.family == address.family else { return false }
    func block(_ address: SocketAddress) -> Substring {
      address.family == .ipv4
        ? address.host.prefix { $0 != "." }
        : address.host.split(separator: ":").prefix(3).joined(separator: ":")[...]
    }
    return block(source) == block(address)
  }
}
