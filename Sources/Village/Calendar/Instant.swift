/// A point in time, to the second. A text without an offset means the tree's zone, never the
/// machine's.
package struct Instant: Hashable, Comparable, Sendable {
  /// Since 1970-01-01T00:00:00Z; leap seconds are not counted.
  package let seconds: Int64

  private static let secondsPerDay: Int64 = 86_400

  package init(seconds: Int64) { self.seconds = seconds }

  /// Reads ISO 8601 (`2026-01-01T07:07:47+08:00`, `2026-01-01T07:07:47`, `2026-01-01 07:07Z`), and
  /// what Excel makes of it (`2026/1/1 7:07`). Fractions of a second are dropped.
  package init?(_ text: some StringProtocol, zone: TimeZoneOffset) {
    var reader = DigitReader(text)
    guard let date = CivilDate(&reader),
      reader.oneOf(UInt8(ascii: "T"), UInt8(ascii: "t"), UInt8(ascii: " ")) != nil,
      let time = Self.time(&reader), let offset = Self.offset(&reader, zone), reader.isAtEnd
    else { return nil }
    seconds = Int64(date.days) * Self.secondsPerDay + Int64(time) - Int64(offset) * 60
  }

  /// Seconds since midnight.
  private static func time(_ reader: inout DigitReader) -> Int? {
    let colon = UInt8(ascii: ":")
    guard let hour = reader.number(digits: 1...2), hour < 24, reader.oneOf(colon) != nil,
      let minute = reader.number(digits: 2...2), minute < 60
    else { return nil }
    var second = 0
    if reader.oneOf(colon) != nil {
      guard let number = reader.number(digits: 2...2), number < 60 else { return nil }
      second = number
      if reader.oneOf(UInt8(ascii: "."), UInt8(ascii: ",")) != nil {
        guard reader.number(digits: 1...9) != nil else { return nil }
      }
    }
    return (hour * 60 + minute) * 60 + second
  }

  /// Minutes ahead of UTC.
  private static func offset(_ reader: inout DigitReader, _ zone: TimeZoneOffset) -> Int? {
    if reader.isAtEnd { return zone.minutes }
    if reader.oneOf(UInt8(ascii: "Z"), UInt8(ascii: "z")) != nil { return 0 }
    guard let sign = reader.oneOf(UInt8(ascii: "+"), UInt8(ascii: "-")) else { return nil }
    guard let number = reader.number(digits: 2...4) else { return nil }
    var minutes = number * 60
    if reader.oneOf(UInt8(ascii: ":")) != nil {
      guard number < 100, let rest = reader.number(digits: 2...2), rest < 60 else { return nil }
      minutes += rest
    } else if number >= 100 {
      guard number % 100 < 60 else { return nil }
      minutes = number / 100 * 60 + number % 100
    }
    guard minutes <= 18 * 60 else { return nil }
    return sign == UInt8(ascii: "-") ? -minutes : minutes
  }

  /// `2026-01-01T07:07:47+08:00`.
  package func text(in zone: TimeZoneOffset) -> String {
    let (day, second) = local(in: zone)
    let time = [second / 3600, second / 60 % 60, second % 60].map { padded($0, 2) }
    return "\(day)T\(time.joined(separator: ":"))\(zone)"
  }

  /// `2026-01-01 07:07`, for people, who know the zone.
  package func shortText(in zone: TimeZoneOffset) -> String {
    let (day, second) = local(in: zone)
    return "\(day) \(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2))"
  }

  /// The day that it is at this instant in `zone`.
  package func date(in zone: TimeZoneOffset) -> CivilDate { local(in: zone).day }

  private func local(in zone: TimeZoneOffset) -> (day: CivilDate, second: Int) {
    let local = seconds &+ Int64(zone.minutes) * 60
    var (days, rest) = local.quotientAndRemainder(dividingBy: Self.secondsPerDay)
    if rest < 0 { (days, rest) = (days - 1, rest + Self.secondsPerDay) }
    return (CivilDate(days: Int(days)), Int(rest))
  }

  /// Midnight at the beginning of a day in `zone`.
  package init(startOf day: CivilDate, in zone: TimeZoneOffset) {
    seconds = Int64(day.days) * Self.secondsPerDay - Int64(zone.minutes) * 60
  }

  package static func < (left: Instant, right: Instant) -> Bool { left.seconds < right.seconds }
}
