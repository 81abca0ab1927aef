import AccessModel
import Testing

@Suite("Regions and partitions")
struct RegionTests {
  @Test(
    "a region's name tells its partition",
    arguments: [
      ("us-east-1", Partition.aws), ("eu-central-2", .aws), ("ap-southeast-7", .aws), ("mx-central-1", .aws),
      ("cn-north-1", .china), ("cn-northwest-1", .china), ("us-gov-west-1", .govCloud),
      ("us-iso-east-1", .iso), ("us-isob-east-1", .isoB), ("eu-isoe-west-1", .isoE),
      ("us-isof-south-1", .isoF), ("eusc-de-east-1", .europeanSovereign),
    ])
  func partition(name: String, partition: Partition) throws {
    #expect(try Region(name).partition == partition)
  }

  @Test("a region is written in lower case, whatever was given")
  func lowerCase() throws {
    #expect(try Region("EU-West-1").name == "eu-west-1")
  }

  @Test(
    "what is no region is refused",
    arguments: [
      "", "us-east", "useast1", "us-east-1a", "us_east_1", "us-east-", "global", "us--east-1", "üs-east-1",
    ])
  func refused(text: String) {
    #expect(throws: RegionError.self) { try Region(text) }
  }

  @Test("ARNs begin with the partition's name", arguments: Partition.allCases)
  func arnPrefix(partition: Partition) {
    #expect(partition.arnPrefix == "arn:\(partition.rawValue)")
    #expect(Partition(rawValue: partition.id) == partition)
  }
}
