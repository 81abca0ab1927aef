import AccessModel
import Identity
import Testing

@Suite("The choice of the region")
struct RegionChoiceTests {
  private static let endpoint = "mydb.abc.eu-west-1.rds.amazonaws.com"

  private func choose(
    flag: String? = nil, _ variables: [String: String] = [:], host: String = endpoint,
    profileRegion: String? = nil
  ) throws -> RegionChoice {
    try RegionChoice(
      flag: flag, environment: Environment(variables), host: HostName(host), profile: "p",
      profileRegion: { try profileRegion.map { try Region($0) } })
  }

  @Test("a flag beats AWS_REGION, which beats AWS_DEFAULT_REGION, which beats the profile")
  func order() throws {
    let alias = "db.example.com"
    let both = ["AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-2"]
    #expect(try choose(flag: "eu-west-3", both, host: alias).source == "--region")
    #expect(try choose(both, host: alias).region.name == "us-east-1")
    #expect(try choose(["AWS_DEFAULT_REGION": "us-east-2"], host: alias).region.name == "us-east-2")
    let fromProfile = try choose(host: alias, profileRegion: "sa-east-1")
    #expect(fromProfile.region.name == "sa-east-1")
    #expect(!fromProfile.isExplicit)
  }

  @Test(
    "without anything said, the endpoint's name tells, in every partition",
    arguments: [
      (endpoint, "eu-west-1"), ("a.b.rds.cn-north-1.amazonaws.com.cn", "cn-north-1"),
      ("a.b.us-gov-west-1.rds.amazonaws.com", "us-gov-west-1"),
      ("a.b.rds.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"),
      ("a.b.rds.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1"),
      ("a.b.eusc-de-east-1.rds.amazonaws.eu", "eusc-de-east-1"), ("a.dsql.us-east-2.on.aws", "us-east-2"),
    ])
  func endpointName(host: String, region: String) throws {
    let choice = try choose(host: host)
    #expect(choice.region.name == region)
    #expect(choice.source == "the host's name")
  }

  @Test("the endpoint's name beats the region that a profile is set to, which is never even read")
  func profileIsAPreference() throws {
    #expect(try choose(profileRegion: "not a region").region.name == "eu-west-1")
  }

  @Test("what agrees with the name is no contradiction, whatever its case")
  func agreement() throws {
    #expect(try choose(flag: "EU-West-1").region.name == "eu-west-1")
  }

  @Test("a region that contradicts the name is an error that names both, who said it, and what to do")
  func contradiction() throws {
    let flag = #expect(throws: RegionContradiction.self) { try choose(flag: "us-east-1") }
    #expect(flag?.description.contains("--region says us-east-1") == true)
    #expect(flag?.description.contains("is in eu-west-1") == true)
    let variable = #expect(throws: RegionContradiction.self) {
      try choose(["AWS_DEFAULT_REGION": "us-east-1"])
    }
    #expect(variable?.description.contains("unset AWS_DEFAULT_REGION") == true)
  }

  @Test("a global database's name tells no region, and the error says that")
  func global() throws {
    let host = "app.global-abc.global.rds.amazonaws.com"
    let error = #expect(throws: UnknownRegion.self) { try choose(host: host) }
    #expect(error?.description.contains("global database") == true)
    #expect(try choose(flag: "us-east-1", host: host).region.name == "us-east-1")
  }

  @Test("what is no region is refused with the place that said it")
  func malformed() throws {
    let error = #expect(throws: RegionSettingError.self) { try choose(["AWS_REGION": "eu-west"]) }
    #expect(error?.description.hasPrefix("AWS_REGION: “eu-west” is not the name") == true)
  }
}
