/// Times of XMLTV (xmltv.dtd): `20260305093000 +0800`. The seconds may be left out, and the offset.
package enum XMLTVTime {
  private static let offsetMinutesMax = 18 * 60

  /// Seconds since 1970-01-01T00:00:00Z; a time without an offset is in `zoneMinutes`. Nil for what
  /// is no such time: names of zones are none, but for those of UTC, since one name is several zones.
  package static func seconds(_ text: String, zoneMinutes: Int) -> Int64? {
    let words = text.split(separator: " ", omittingEmptySubsequences: true)
    guard let first = words.first, words.count <= 2 else { return nil }
    let digits = Array(first.utf8.prefix { isDigit($0) })
    let behind = String(first.dropFirst(digits.count))
    guard let local = local(digits), behind.isEmpty || words.count == 1 else { return nil }
    let zone = words.count == 2 ? String(words[1]) : behind
    guard let minutes = zone.isEmpty ? zoneMinutes : offset(zone) else { return nil }
    return local - Int64(minutes) * 60
  }

  private static func local(_ digits: [UInt8]) -> Int64? {
    guard digits.count == 14 || digits.count == 12 else { return nil }
    func number(_ start: Int, _ count: Int) -> Int {
      digits[start..<start + count].reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
    let (year, month, day) = (number(0, 4), number(4, 2), number(6, 2))
    let (hour, minute) = (number(8, 2), number(10, 2))
    let second = digits.count == 14 ? number(12, 2) : 0
    guard year > 0, (1...12).contains(month), (1...length(month, year)).contains(day), hour < 24,
      minute < 60, second < 60
    else { return nil }
    return Int64(days(year, month, day)) * 86_400 + Int64((hour * 60 + minute) * 60 + second)
  }

  /// Minutes ahead of UTC.
  private static func offset(_ text: String) -> Int? {
    if ["Z", "UTC", "GMT"].contains(text) { return 0 }
    guard let sign = text.utf8.first, sign == 0x2B || sign == 0x2D else { return nil }
    let digits = text.utf8.dropFirst().filter { $0 != 0x3A }
    guard digits.count == 4, digits.allSatisfy(isDigit),
      let number = Int(text.dropFirst().filter { $0 != ":" })
    else { return nil }
    let minutes = number / 100 * 60 + number % 100
    guard number % 100 < 60, minutes <= offsetMinutesMax else { return nil }
    return sign == 0x2D ? -minutes : minutes
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private static func length(_ month: Int, _ year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days since 1970 (Howard Hinnant, chrono-compatible low-level date algorithms).
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let shifted = month > 2 ? year : year - 1
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    let yearOfCycle = shifted % 400
    return shifted / 400 * 146_097 + yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100
      + dayOfYear - 719_468
  }
}
