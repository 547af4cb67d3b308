/// Days since 1970 of the Gregorian calendar, for texts of the form 2026-03-01
/// (Hinnant, "chrono-compatible low-level date algorithms").
enum CalendarText {
  /// Nil unless `text` is exactly the form that `text(day:)` gives for the day.
  static func day(_ text: ArraySlice<UInt8>) -> Int64? {
    guard text.count == 10, text[text.startIndex + 4] == 0x2D, text[text.startIndex + 7] == 0x2D,
      let year = number(text.prefix(4)), let month = number(text.dropFirst(5).prefix(2)),
      let day = number(text.suffix(2)), year >= 1, (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    let count = days(year: year, month: month, day: day)
    return self.text(day: count).elementsEqual(text) ? count : nil
  }

  /// Ten bytes; only for days of the years 1 to 9999.
  static func text(day: Int64) -> [UInt8] {
    let (year, month, date) = civil(day)
    return digits(year, 4) + [0x2D] + digits(month, 2) + [0x2D] + digits(date, 2)
  }

  static let range: ClosedRange<Int64> = -719_162...2_932_896

  private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
    var value: Int64 = 0
    for digit in digits {
      guard (0x30...0x39).contains(digit) else { return nil }
      value = value * 10 + Int64(digit - 0x30)
    }
    return value
  }

  private static func digits(_ value: Int64, _ width: Int) -> [UInt8] {
    var rest = value
    var result = Array(repeating: UInt8(0x30), count: width)
    for index in stride(from: width - 1, through: 0, by: -1) {
      result[index] = UInt8(0x30 + rest % 10)
      rest /= 10
    }
    return result
  }

  private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  private static func civil(_ day: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let position = (5 * dayOfYear + 2) / 153
    let month = position < 10 ? position + 3 : position - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * position + 2) / 5 + 1)
  }
}
