public import FoundationEssentials

/// A moment in UTC by the calendar, to the second, in the notations that signatures and reports use.
///
/// Worked out with integers instead of a calendar object: a token is signed in front of every connection, and
/// loading time zones and locales would take longer than the signature.
public struct UTCTime: Hashable, Sendable {
  public let year, month, day, hour, minute, second: Int

  /// The second in which `date` lies; fractions are cut off, not rounded. What is outside the years 0 to 9999 becomes
  /// the nearest second in them: a server may say anything.
  public init(_ date: Date) {
    let moment = date.timeIntervalSince1970
    let seconds = Int(moment.isNaN ? 0 : min(max(moment.rounded(.down), Self.earliest), Self.latest))
    let (days, time) = seconds.quotientAndRemainderFloored(by: 86_400)
    (hour, minute, second) = (time / 3_600, time / 60 % 60, time % 60)

    // Days are counted from 0000-03-01, in eras of 400 years, so that the leap day is the last day of a year.
    let (era, dayOfEra) = (days + 719_468).quotientAndRemainderFloored(by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z in seconds since 1970.
  private static let (earliest, latest) = (-62_167_219_200.0, 253_402_300_799.0)

  /// `20240102`, the date in a credential scope.
  public var basicDate: String {
    Self.padded(year, to: 4) + Self.padded(month) + Self.padded(day)
  }

  /// `20240102T030405Z`, ISO 8601's basic form.
  public var basic: String {
    "\(basicDate)T" + Self.padded(hour) + Self.padded(minute) + Self.padded(second) + "Z"
  }

  /// `2024-01-02T03:04:05Z`, ISO 8601's extended form.
  public var iso8601: String {
    "\(Self.padded(year, to: 4))-\(Self.padded(month))-\(Self.padded(day))"
      + "T\(Self.padded(hour)):\(Self.padded(minute)):\(Self.padded(second))Z"
  }

  private static func padded(_ number: Int, to width: Int = 2) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

extension Int {
  /// Division that rounds towards minus infinity, so that moments before 1970 have a time of day, too.
  fileprivate func quotientAndRemainderFloored(by divisor: Int) -> (quotient: Int, remainder: Int) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
