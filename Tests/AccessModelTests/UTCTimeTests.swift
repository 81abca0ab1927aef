import AccessModel
import FoundationEssentials
import Testing

@Suite("UTC time")
struct UTCTimeTests {
  @Test(
    "a moment is written as ISO 8601 does",
    arguments: [
      (0.0, "1970-01-01T00:00:00Z", "19700101T000000Z"),
      (1_704_164_645.999, "2024-01-02T03:04:05Z", "20240102T030405Z"),
      (1_709_251_199, "2024-02-29T23:59:59Z", "20240229T235959Z"),
      (951_782_400, "2000-02-29T00:00:00Z", "20000229T000000Z"),
      (4_107_542_400, "2100-03-01T00:00:00Z", "21000301T000000Z"),
      (-0.5, "1969-12-31T23:59:59Z", "19691231T235959Z"),
    ])
  func notation(seconds: Double, extended: String, basic: String) {
    let time = UTCTime(Date(timeIntervalSince1970: seconds))
    #expect(time.iso8601 == extended)
    #expect(time.basic == basic)
    #expect(basic.hasPrefix(time.basicDate))
  }

  @Test(
    "a moment outside the years 0 to 9999, as a server may claim it, is the nearest one inside",
    arguments: [
      (1e300, "9999-12-31T23:59:59Z"), (-1e300, "0000-01-01T00:00:00Z"), (.infinity, "9999-12-31T23:59:59Z"),
      (Double.nan, "1970-01-01T00:00:00Z"),
    ])
  func beyond(seconds: Double, extended: String) {
    #expect(UTCTime(Date(timeIntervalSince1970: seconds)).iso8601 == extended)
  }

  @Test("every day of four centuries agrees with Foundation's calendar")
  func calendar() {
    for day in stride(from: 0, to: 146_097, by: 97) {
      let date = Date(timeIntervalSince1970: Double(day) * 86_400)
      #expect(UTCTime(date).iso8601 == date.formatted(.iso8601))
    }
  }
}
