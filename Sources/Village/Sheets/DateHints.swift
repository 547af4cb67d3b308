/// In which year, or month, the days of a sheet are that do not tell it themselves: `3月5日`. Where
/// nobody says so, nobody knows it, and such a day is refused.
struct DateHints: Equatable {
  private let month: Month?
  private let year: Int?
  private let week: ISOWeek?

  /// A month or a week that a person named counts more than what the sheet's titles say.
  init(titles: [String] = [], month: Month? = nil, week: ISOWeek? = nil) {
    self.week = week
    guard month == nil, week == nil else {
      self.month = month
      year = nil
      return
    }
    let told = titles.map { PeopleText($0).periods() }
    let months = Set(told.flatMap(\.months))
    let years = Set(told.flatMap(\.years))
    self.month = years.count == 1 ? Self.only(months) : nil
    year = months.isEmpty ? Self.only(years) : nil
  }

  private static func only<Element>(_ elements: Set<Element>) -> Element? {
    // order: of one element there is one order.
    elements.count == 1 ? elements.first : nil
  }

  /// The day, if its year is known. A title that names a month knows nothing of other months.
  func date(month number: Int, day: Int) -> CivilDate? {
    if let week {
      return (0..<7).map { CivilDate(days: week.monday.days + $0) }
        .first { $0.parts.month == number && $0.parts.day == day }
    }
    if let month {
      guard month.number == number else { return nil }
      return CivilDate(year: month.year, month: number, day: day)
    }
    return year.flatMap { CivilDate(year: $0, month: number, day: day) }
  }

  /// The day of the month that is known.
  func date(day: Int) -> CivilDate? {
    month.flatMap { CivilDate(year: $0.year, month: $0.number, day: day) }
  }
}
