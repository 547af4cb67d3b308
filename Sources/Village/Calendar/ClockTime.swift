/// A time of day in plans, to the minute, in the tree's zone.
package struct ClockTime: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Minutes since midnight, 0 to 1439.
  package let minutes: Int

  /// Nil unless there is such a minute in a day.
  package init?(minutes: Int) {
    guard (0..<1440).contains(minutes) else { return nil }
    self.minutes = minutes
  }

  /// Reads `09:30`, and what Excel makes of it: `9:30` and `9:30:00`.
  package init?(_ text: some StringProtocol) {
    var reader = DigitReader(text)
    guard let hour = reader.number(digits: 1...2), hour < 24,
      reader.oneOf(UInt8(ascii: ":")) != nil,
      let minute = reader.number(digits: 2...2), minute < 60
    else { return nil }
    if reader.oneOf(UInt8(ascii: ":")) != nil {
      guard reader.number(digits: 2...2) == 0 else { return nil }
    }
    guard reader.isAtEnd else { return nil }
    minutes = hour * 60 + minute
  }

  package var description: String { padded(minutes / 60, 2) + ":" + padded(minutes % 60, 2) }

  package static func < (left: ClockTime, right: ClockTime) -> Bool {
    left.minutes < right.minutes
  }
}
