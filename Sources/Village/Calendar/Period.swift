internal import Wording

/// A month of the Gregorian calendar.
package struct Month: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let year: Int
  /// 1 to 12.
  package let number: Int

  package init(of date: CivilDate) {
    (year, number, _) = date.parts
  }

  /// Reads `2026-03`.
  package init?(_ text: some StringProtocol) {
    var reader = DigitReader(text)
    guard let year = reader.number(digits: 4...4), year > 0,
      reader.oneOf(UInt8(ascii: "-"), UInt8(ascii: "/")) != nil,
      let number = reader.number(digits: 1...2), (1...12).contains(number), reader.isAtEnd
    else { return nil }
    self.year = year
    self.number = number
  }

  package var description: String { padded(year, 4) + "-" + padded(number, 2) }

  package var firstDay: CivilDate {
    CivilDate(days: CivilDate.days(year: year, month: number, day: 1))
  }

  package var next: Month { Month(of: CivilDate(days: firstDay.days + 31)) }

  package static func < (left: Month, right: Month) -> Bool {
    (left.year, left.number) < (right.year, right.number)
  }
}

/// A week by ISO 8601: it begins on Monday and belongs to the year of its Thursday.
package struct ISOWeek: Hashable, Sendable, CustomStringConvertible {
  package let year: Int
  /// 1 to 52, or 53.
  package let number: Int

  package init(of date: CivilDate) {
    let thursday = CivilDate(days: date.days - date.weekday + 4)
    year = thursday.parts.year
    number = (thursday.days - Self.firstMonday(of: year)) / 7 + 1
  }

  /// Reads `2026-W10`. Nil for a week 53 in a year that has none.
  package init?(_ text: some StringProtocol) {
    var reader = DigitReader(text)
    guard let year = reader.number(digits: 4...4), year > 0,
      reader.oneOf(UInt8(ascii: "-")) != nil,
      reader.oneOf(UInt8(ascii: "W"), UInt8(ascii: "w")) != nil,
      let number = reader.number(digits: 1...2), number > 0, reader.isAtEnd
    else { return nil }
    self.year = year
    self.number = number
    guard ISOWeek(of: monday) == self else { return nil }
  }

  package var monday: CivilDate {
    CivilDate(days: Self.firstMonday(of: year) + (number - 1) * 7)
  }

  package func contains(_ date: CivilDate) -> Bool { ISOWeek(of: date) == self }

  package var description: String { padded(year, 4) + "-W" + padded(number, 2) }

  /// The Monday of the week with 4 January, in days since 1970.
  private static func firstMonday(of year: Int) -> Int {
    let fourth = CivilDate(days: CivilDate.days(year: year, month: 1, day: 4))
    return fourth.days - fourth.weekday + 1
  }
}

/// What a plan is for.
package enum Period: Hashable, Sendable, CustomStringConvertible {
  case month(Month)
  /// A recommendation, whose items may be without a date: they count for the whole week.
  case week(ISOWeek)

  /// Throws `bad_period`.
  package init(_ text: some StringProtocol) throws(VillageError) {
    if let month = Month(text) {
      self = .month(month)
    } else if let week = ISOWeek(text) {
      self = .week(week)
    } else {
      throw VillageError(
        .badPeriod, "\(text) is no month and no week",
        hint: "write a month as 2026-03, a week as 2026-W10")
    }
  }

  package func contains(_ date: CivilDate) -> Bool {
    switch self {
    case .month(let month): Month(of: date) == month
    case .week(let week): week.contains(date)
    }
  }

  /// What the field `kind` of a plan says.
  package var kind: String {
    switch self {
    case .month: "month"
    case .week: "week"
    }
  }

  package var description: String {
    switch self {
    case .month(let month): month.description
    case .week(let week): week.description
    }
  }

  /// The day that undated items sort by, and periods among themselves.
  var firstDay: CivilDate {
    switch self {
    case .week(let week): week.monday
    case .month(let month): month.firstDay
    }
  }
}
