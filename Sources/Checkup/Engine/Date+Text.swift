internal import AccessModel
internal import FoundationEssentials

extension Date {
  /// The day in UTC, `2027-03-01`.
  var day: String { String(UTCTime(self).iso8601.prefix(10)) }
}
