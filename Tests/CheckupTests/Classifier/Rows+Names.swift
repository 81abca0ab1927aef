import AccessModel
import DNS
import Sockets

@testable import Checkup

extension ClassifierRow {
  static let names: [ClassifierRow] = [
    ClassifierRow(
      "dns-nxdomain", when: "the name does not exist", by: "dns-resolve", words: ["NXDOMAIN", "10.0.0.2:53"],
      .through(.dns) {
        $0.names = Resolution(question: Evidence.endpointName, status: .nxDomain, server: "10.0.0.2:53")
      }),
    ClassifierRow(
      "dns-nxdomain", when: "an alias leads to a name that is gone", by: "dns-resolve",
      words: ["old.abc123.eu-west-1.rds.amazonaws.com"],
      aliased(to: ["old.abc123.eu-west-1.rds.amazonaws.com"]) { $0.names?.status = .nxDomain }),
    ClassifierRow(
      "dns-nxdomain", when: "no name server answers", by: "dns-resolve",
      words: ["no name server answered", "in time", "not known"],
      .through(.dns) { $0.names = Resolution(question: Evidence.endpointName, status: .timedOut) }),
    ClassifierRow(
      "dns-nxdomain", when: "nobody listens where the name server should be", by: "dns-resolve",
      words: ["no name server answered", "10.0.0.2:53"],
      .through(.dns) {
        $0.names = Resolution(question: Evidence.endpointName, status: .unreachable, server: "10.0.0.2:53")
      }),
    ClassifierRow(
      "dns-alias-unresolvable", when: "the aliases lead back to themselves", by: "dns-resolve",
      words: ["db.example.com → b.example.com → db.example.com"],
      aliased(to: ["b.example.com", "db.example.com"]) {
        $0.names?.loop = true
        $0.names?.status = .noData
      }),
    ClassifierRow(
      "dns-alias-unresolvable", when: "there is no end to the aliases", by: "dns-resolve", words: ["16"],
      aliased(to: ["b.example.com"]) {
        $0.names?.hopLimitReached = true
        $0.names?.status = .noData
      }),
    ClassifierRow(
      "dns-alias-unresolvable", when: "an alias record hides the endpoint", by: "dns-endpoint",
      words: ["db.example.com"], aliased(to: []) { $0.endpoint?.endpoint = nil }),
    ClassifierRow(
      "dns-alias-signed", when: "--token-host is the alias itself", by: "dns-endpoint",
      words: [Evidence.endpointName],
      aliased(to: [Evidence.endpointName]) { $0.target.tokenHost = try? HostName("DB.example.com") }),
    ClassifierRow(
      "dns-alias-overwalk", when: "--token-host is a name behind the endpoint", by: "dns-endpoint",
      aliased(to: [Evidence.endpointName, "ec2-203-0-113-5.eu-west-1.compute.amazonaws.com"]) {
        $0.target.tokenHost = try? HostName("ec2-203-0-113-5.eu-west-1.compute.amazonaws.com")
        $0.endpoint?.beyond = ["ec2-203-0-113-5.eu-west-1.compute.amazonaws.com"]
      }),
    ClassifierRow(
      "dns-china-suffix", when: "--token-host lacks China's suffix", by: "dns-endpoint",
      words: ["shop.abc123.rds.cn-north-1.amazonaws.com.cn"],
      aliased(to: ["shop.abc123.rds.cn-north-1.amazonaws.com.cn"]) {
        $0.target.tokenHost = try? HostName("shop.abc123.rds.cn-north-1.amazonaws.com")
      }),
    ClassifierRow(
      "dns-aurora-custom-endpoint", when: "the host is a custom endpoint of Aurora", by: "dns-endpoint",
      .through(.dns) {
        let host = "reports.cluster-custom-abc123.eu-west-1.rds.amazonaws.com"
        $0.target = .sample(host: host, ["sslmode": "require"])
        $0.endpoint = EndpointFacts(endpoint: DatabaseEndpoint(host), signed: host)
      }),
    ClassifierRow(
      "tun-signed-local", when: "this end of a tunnel is the host", by: "dns-endpoint", words: ["localhost"],
      .through(.dns) {
        $0.target = .sample(host: "localhost", ["sslmode": "require"])
        $0.names = Resolution(question: "localhost", addresses: [AddressRecord(address: "127.0.0.1")])
        $0.endpoint = EndpointFacts(endpoint: nil, signed: "localhost")
      }),
  ]

  static let addresses: [ClassifierRow] = [
    ClassifierRow(
      "tcp-refused", when: "nobody listens", by: "tcp-connect", words: ["10.0.1.17:5432", "1.0 ms"],
      .through(.tcp) { $0.reach = [.sample("10.0.1.17", .refused)] }),
    ClassifierRow(
      "tcp-timeout", when: "a public address does not answer", by: "tcp-connect",
      words: ["filtered, not refused"],
      .through(.tcp) { $0.reach = [.sample("52.48.1.1", .timedOut, after: .seconds(5), from: "8.8.4.4")] }),
    ClassifierRow(
      "tcp-timeout", when: "one of two addresses does not answer", as: .warning, by: "tcp-connect",
      words: ["10.0.2.17"],
      .through(.tcp) { $0.reach = [.sample("10.0.1.17"), .sample("10.0.2.17", .timedOut)] }),
    ClassifierRow(
      "tcp-unreachable", when: "there is no route to a public address", by: "tcp-connect",
      words: ["Network is unreachable"],
      .through(.tcp) { $0.reach = [.sample("2001:db8::5", .unreachable("Network is unreachable"))] }),
    ClassifierRow(
      "tcp-closed-early", when: "the connection is reset at once", by: "tcp-connect",
      .through(.tcp) { $0.reach = [.sample("10.0.1.17", .reset)] }),
    ClassifierRow(
      "dns-private-outside-vpc", when: "a private address of another network does not answer",
      second: "tcp-timeout",
      by: "tcp-connect", words: ["10.0.1.17", "192.168.1.20"],
      .through(.tcp) { $0.reach = [.sample("10.0.1.17", .timedOut, from: "192.168.1.20")] }),
    ClassifierRow(
      "dns-private-outside-vpc", when: "there is no route to a private address", second: "tcp-unreachable",
      words: ["no route"],
      .through(.tcp) { $0.reach = [.sample("10.0.1.17", .unreachable("No route to host"))] }),
    ClassifierRow(
      "tcp-timeout", when: "a private address of the own network does not answer", by: "tcp-connect",
      .through(.tcp) { $0.reach = [.sample("10.0.1.17", .timedOut, from: "10.0.9.9")] }),
    ClassifierRow(
      "tcp-timeout", when: "a public address does not answer one in an office",
      second: "dns-public-inside-vpc",
      .through(.tcp) { $0.reach = [.sample("52.48.1.1", .timedOut, from: "10.0.9.9")] }),
    ClassifierRow(
      "tcp-timeout", when: "a link-local address does not answer", by: "tcp-connect",
      .through(.tcp) { $0.reach = [.sample("169.254.10.1", .timedOut, from: "192.168.1.20")] }),
    ClassifierRow(
      "tcp-unreachable", when: "there is no route to a link-local address", by: "tcp-connect",
      .through(.tcp) { $0.reach = [.sample("fe80::1", .unreachable("Invalid argument"))] }),
    ClassifierRow(
      "tcp-timeout", when: "a public address does not answer one at home", second: "dns-public-inside-vpc",
      .through(.tcp) { $0.reach = [.sample("52.48.1.1", .timedOut, from: "192.168.1.20")] }),
  ]

  /// A host that is an alias, with the names that it leads to.
  static func aliased(to names: [String], _ change: (inout Evidence) -> Void) -> Evidence {
    .through(.dns) {
      $0.target = .sample(host: "db.example.com", ["sslmode": "require"])
      let owners = ["db.example.com"] + names
      $0.names = Resolution(
        question: "db.example.com",
        chain: zip(owners, names).map { CNAMERecord(owner: $0, target: $1, ttl: 60) },
        addresses: [AddressRecord(address: "10.0.1.17")])
      let endpoint = names.lazy.compactMap { DatabaseEndpoint($0) }.first
      $0.endpoint = EndpointFacts(
        endpoint: endpoint, isAlias: endpoint != nil, signed: endpoint?.host ?? "db.example.com")
      change(&$0)
    }
  }
}
