import AccessModel
import Testing

@Suite("Database endpoints")
struct DatabaseEndpointTests {
  struct Shape: Sendable, CustomTestStringConvertible {
    let host: String
    let kind: DatabaseEndpoint.Kind
    let region: String?
    let partition: Partition
    var testDescription: String { host }

    init(_ host: String, _ kind: DatabaseEndpoint.Kind, _ region: String?, _ partition: Partition = .aws) {
      (self.host, self.kind, self.region, self.partition) = (host, kind, region, partition)
    }
  }

  @Test(
    "a name tells its kind, region and partition",
    arguments: [
      Shape("mydb.abc123.us-east-2.rds.amazonaws.com", .instance, "us-east-2"),
      Shape("prod-instance.us-east-1.rds.amazonaws.com", .instance, "us-east-1"),
      Shape("app.cluster-abc123.us-east-2.rds.amazonaws.com", .cluster, "us-east-2"),
      Shape("app.cluster-ro-abc123.us-east-2.rds.amazonaws.com", .reader, "us-east-2"),
      Shape("app.cluster-custom-abc123.us-east-2.rds.amazonaws.com", .custom, "us-east-2"),
      Shape("app.proxy-abc123.us-east-2.rds.amazonaws.com", .proxy, "us-east-2"),
      Shape("app.endpoint.proxy-abc123.us-east-2.rds.amazonaws.com", .proxy, "us-east-2"),
      Shape("app.shardgrp-abc123.us-east-2.rds.amazonaws.com", .shardGroup, "us-east-2"),
      Shape("app.global-abc123.global.rds.amazonaws.com", .global, nil),
      Shape("mydb.abc123.us-gov-west-1.rds.amazonaws.com", .instance, "us-gov-west-1", .govCloud),
      Shape("mydb.abc123.rds.us-gov-east-1.amazonaws.com", .instance, "us-gov-east-1", .govCloud),
      Shape("mydb.abc123.rds.cn-north-1.amazonaws.com.cn", .instance, "cn-north-1", .china),
      Shape("app.cluster-abc123.cn-northwest-1.rds.amazonaws.com.cn", .cluster, "cn-northwest-1", .china),
      Shape("app.cluster-ro-abc.rds.us-iso-east-1.c2s.ic.gov", .reader, "us-iso-east-1", .iso),
      Shape("mydb.abc123.rds.us-isob-east-1.sc2s.sgov.gov", .instance, "us-isob-east-1", .isoB),
      Shape("mydb.abc123.rds.eu-isoe-west-1.cloud.adc-e.uk", .instance, "eu-isoe-west-1", .isoE),
      Shape("mydb.abc123.rds.us-isof-south-1.csp.hci.ic.gov", .instance, "us-isof-south-1", .isoF),
      Shape("mydb.abc123.eusc-de-east-1.rds.amazonaws.eu", .instance, "eusc-de-east-1", .europeanSovereign),
      Shape("mydb.abc123.rds.eusc-de-east-1.amazonaws.eu", .instance, "eusc-de-east-1", .europeanSovereign),
      Shape("mydb.abc123.us-east-1.rds-fips.amazonaws.com", .instance, "us-east-1"),
      Shape("abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws", .dsql, "us-east-1"),
      Shape("abcdefghijklmnopqrstuvwxyz.dsql-fnh4.us-east-1.on.aws", .dsql, "us-east-1"),
    ])
  func shapes(_ shape: Shape) throws {
    for host in [shape.host, shape.host.uppercased(), shape.host + "."] {
      let endpoint = try #require(DatabaseEndpoint(host))
      #expect(endpoint.kind == shape.kind)
      #expect(endpoint.region?.name == shape.region)
      #expect(endpoint.partition == shape.partition)
      #expect(endpoint.isFIPS == host.lowercased().contains("rds-fips"))
    }
  }

  @Test(
    "a label that AWS does not give is no endpoint's",
    arguments: ["$(id)", "##vso[task.complete]", "a;b", "a'b", "a_b", "ä"])
  func strangeLabels(label: String) {
    #expect(DatabaseEndpoint("\(label).abc123.us-east-1.rds.amazonaws.com") == nil)
    #expect(DatabaseEndpoint("db.cluster-\(label).us-east-1.rds.amazonaws.com") == nil)
    #expect(DatabaseEndpoint("\(label).dsql.us-east-1.on.aws") == nil)
  }

  @Test("the identifier is the name's first part, the host keeps its case and loses the trailing dot")
  func identifier() throws {
    let endpoint = try #require(DatabaseEndpoint("MyDB.ABC.us-east-1.rds.amazonaws.com."))
    #expect(endpoint.identifier == "mydb")
    #expect(endpoint.host == "MyDB.ABC.us-east-1.rds.amazonaws.com")
  }

  @Test(
    "a name that is no database endpoint is not taken for one",
    arguments: [
      "db.example.com", "localhost", "10.0.0.1", "10.0.0.1.example.com", "::1", "/var/run/postgresql",
      "rds.us-east-1.amazonaws.com", "us-east-1.rds.amazonaws.com", "rds.amazonaws.com",
      "mydb.abc.us-east-1.rds.amazonaws.com.evil.example", "mydb.abc.nowhere.rds.amazonaws.com",
      "mydb.abc.us-east-1.rds.amazonaws.com.cn", "mydb.abc.global.rds.amazonaws.com",
      "a.b.c.d.us-east-1.rds.amazonaws.com", "x-123.elb.us-east-1.amazonaws.com",
      "mydb.cluster-.us-east-1.rds.amazonaws.com", "x.s3.us-east-1.on.aws",
    ])
  func refused(host: String) {
    #expect(DatabaseEndpoint(host) == nil)
  }

  @Test("a load balancer's name tells the region, and is no endpoint")
  func loadBalancer() throws {
    let host = try HostName("db-1234.elb.eu-west-1.amazonaws.com")
    #expect(DatabaseEndpoint(host) == nil)
    #expect(DatabaseEndpoint.regionHint(of: host)?.name == "eu-west-1")
  }
}
