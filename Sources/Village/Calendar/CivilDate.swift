/// A day of the Gregorian calendar, without a time and without a zone: what plans are made of.
package struct CivilDate: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Days since 1970-01-01.
  package let days: Int

  private static let daysPerCycle = 146_097
  /// Days from 0000-03-01 to 1970-01-01: a year that begins in March ends with its leap day.
  private static let epochShift = 719_468

  package init(days: Int) { self.days = days }

  /// Nil unless there is such a day in the years 1 to 9999.
  package init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month),
      (1...Self.length(ofMonth: month, year: year)).contains(day)
    else { return nil }
    self.init(days: Self.days(year: year, month: month, day: day))
  }

  /// Days since 1970 (Howard Hinnant, chrono-compatible low-level date algorithms), of any year
  /// from 0 on.
  static func days(year: Int, month: Int, day: Int) -> Int {
    let shifted = month > 2 ? year : year - 1
    let cycle = shifted / 400
    let yearOfCycle = shifted % 400
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    let dayOfCycle = yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear
    return cycle * daysPerCycle + dayOfCycle - epochShift
  }

  /// Reads `2026-03-05`, and what Excel makes of it: `2026/3/5`. Year, month and day in this
  /// order, the year with four digits.
  package init?(_ text: some StringProtocol) {
    var reader = DigitReader(text)
    guard let date = Self(&reader), reader.isAtEnd else { return nil }
    self = date
  }

  init?(_ reader: inout DigitReader) {
    guard let year = reader.number(digits: 4...4),
      let mark = reader.oneOf(UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: ".")),
      let month = reader.number(digits: 1...2), reader.oneOf(mark) != nil,
      let day = reader.number(digits: 1...2)
    else { return nil }
    self.init(year: year, month: month, day: day)
  }

  package var parts: (year: Int, month: Int, day: Int) {
    let shifted = days + Self.epochShift
    let cycle = (shifted >= 0 ? shifted : shifted - Self.daysPerCycle + 1) / Self.daysPerCycle
    let day = shifted - cycle * Self.daysPerCycle
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
    let dayOfYear = day - (365 * year + year / 4 - year / 100)
    let month = (5 * dayOfYear + 2) / 153
    let civilMonth = month < 10 ? month + 3 : month - 9
    return (
      year + cycle * 400 + (civilMonth <= 2 ? 1 : 0), civilMonth,
      dayOfYear - (153 * month + 2) / 5 + 1
    )
  }

  /// 1 on Monday, 7 on Sunday.
  package var weekday: Int { ((days + 3) % 7 + 7) % 7 + 1 }

  package var description: String {
    let (year, month, day) = parts
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }

  package static func < (left: CivilDate, right: CivilDate) -> Bool { left.days < right.days }

  static func length(ofMonth month: Int, year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

/// `number` with zeros before it.
func padded(_ number: Int, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}
