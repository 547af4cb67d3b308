internal import Sheets
internal import Wording

extension CivilDate {
  /// A day as a person tells it to a command: `2026-03-05`.
  ///
  /// Throws `bad_date`.
  package init(told text: String) throws(VillageError) {
    let word = CellText.trimmed(text)
    guard let date = Self(word) else { throw CellText.noDate(word) }
    self = date
  }
}

extension CellText {
  fileprivate static func noDate(_ word: String) -> VillageError {
    VillageError(.badDate, "“\(shown(word))” is no date", hint: "write dates as 2026-03-05")
  }

  /// A day as people and spreadsheets write it, or none.
  ///
  /// Throws `bad_date`, also for a day whose year nobody says and for one that is another day of
  /// the week than is written.
  static func date(_ text: String, _ hints: DateHints) throws(VillageError) -> CivilDate? {
    let word = trimmed(text)
    if word.isEmpty { return nil }
    if let date = CivilDate(word) ?? midnight(word) ?? serial(word) { return date }
    guard let said = PeopleText(word).day() else { throw noDate(word) }
    guard let date = date(said, hints) else {
      let isKnown = said.year != nil
      throw VillageError(
        .badDate,
        isKnown
          ? "there is no day “\(shown(word))”"
          : "nobody says of which year or month “\(shown(word))” is, or there is no such day",
        hint: "write dates as 2026-03-05, or the month above the columns, or give --month")
    }
    if let weekday = said.weekday, weekday != date.weekday {
      throw VillageError(
        .badDate, "“\(shown(word))”: \(date) is another day of the week",
        hint: "check the day and the year")
    }
    return date
  }

  private static func date(_ said: PeopleText.Day, _ hints: DateHints) -> CivilDate? {
    guard let month = said.month else { return hints.date(day: said.day) }
    guard let year = said.year else { return hints.date(month: month, day: said.day) }
    return CivilDate(year: year, month: month, day: said.day)
  }

  /// `2026-03-05 00:00:00`, which spreadsheets make of days.
  private static func midnight(_ word: String) -> CivilDate? {
    for end in [" 00:00:00", " 0:00:00", " 00:00", " 0:00"] where word.hasSuffix(end) {
      return CivilDate(word.dropLast(end.count))
    }
    return nil
  }

  /// A spreadsheet's number of a day in this century.
  private static func serial(_ word: String) -> CivilDate? {
    guard word.utf8.count == 5, let number = Int(word),
      SheetSerial.plausible.contains(Double(number))
    else { return nil }
    return CivilDate(days: number - SheetSerial.epochDays)
  }

  /// A time of day as people and spreadsheets write it, or none.
  ///
  /// Throws `bad_time`.
  static func time(_ text: String) throws(VillageError) -> ClockTime? {
    let word = trimmed(text)
    if word.isEmpty { return nil }
    if let time = ClockTime(word) ?? PeopleText(word).time().flatMap({ ClockTime(minutes: $0) })
      ?? partOfDay(word)
    {
      return time
    }
    throw VillageError(
      .badTime, "“\(shown(word))” is no time of day", hint: "write times as 09:30")
  }

  /// A spreadsheet's number of a time: 0.395833 is 09:30.
  private static func partOfDay(_ word: String) -> ClockTime? {
    guard word.hasPrefix("0."), word.utf8.count >= 5, let part = Double(word), part < 1 else {
      return nil
    }
    let seconds = (part * 86_400).rounded()
    guard seconds.truncatingRemainder(dividingBy: 60) == 0 else { return nil }
    return ClockTime(minutes: Int(seconds) / 60)
  }

  /// An instant as the rest of the program reads it, if people wrote it in their way.
  static func instant(_ text: String, _ hints: DateHints) -> String {
    let word = trimmed(text)
    guard word.utf8.contains(where: { $0 > 0x7F }) else { return text }
    var reader = PeopleText(word)
    guard let said = reader.takeDay(), let date = date(said, hints), let minutes = reader.time(),
      let time = ClockTime(minutes: minutes)
    else { return text }
    return "\(date) \(time)"
  }

  // MARK: How long

  /// Clock cells beyond are minutes and seconds that a spreadsheet took for hours.
  private static let clockSecondsMax: Int64 = 12 * 3600

  /// Seconds, by the unit of the column or of the cell: `1500`, `25分钟`, `1小时20分`, `00:25:00`;
  /// none if there is no text.
  ///
  /// Throws `bad_value`, also where minutes and seconds cannot be told apart.
  static func duration(
    _ text: String, in unit: SheetUnit, of name: String
  ) throws(VillageError) -> Int64? {
    let word = trimmed(text)
    if word.isEmpty { return nil }
    if unit == .plain, word.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      return try count(word, of: name)
    }
    if unit == .minutes, let minutes = Double(word), minutes >= 0, minutes < 1e6 {
      let seconds = minutes * 60
      if seconds.rounded() == seconds { return Int64(seconds) }
    }
    if let seconds = units(word) ?? clock(word), seconds <= countMax { return seconds }
    throw VillageError(
      .badValue,
      unit == .unsaid && Int64(word) != nil
        ? "\(Message(told: name)) is \(shown(word)), and nobody says whether minutes or seconds"
        : "\(Message(told: name)) is “\(shown(word))”, which is no length of time",
      hint: "call the column 时长(分钟) or 时长(秒), or write 25分钟 or 00:25:00")
  }

  private static func units(_ word: String) -> Int64? {
    var reader = PeopleText(word)
    var total = 0
    var last = Int.max
    while !reader.isAtEnd {
      guard let number = reader.number(digits: 1...6),
        let unit = reader.skip("小时", "分钟", "秒钟", "时", "分", "秒", "min", "h", "s")
      else { return nil }
      let seconds = ["小时": 3600, "时": 3600, "h": 3600, "秒": 1, "秒钟": 1, "s": 1][unit] ?? 60
      guard seconds < last else { return nil }
      last = seconds
      total += number * seconds
    }
    return last == Int.max ? nil : Int64(total)
  }

  private static func clock(_ word: String) -> Int64? {
    let parts = word.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, parts.allSatisfy({ (1...2).contains($0.utf8.count) }) else {
      return nil
    }
    let numbers = parts.compactMap { part in
      part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int64(part) : nil
    }
    guard numbers.count == 3, numbers[1] < 60, numbers[2] < 60 else { return nil }
    let seconds = numbers[0] * 3600 + numbers[1] * 60 + numbers[2]
    return seconds <= clockSecondsMax ? seconds : nil
  }
}
