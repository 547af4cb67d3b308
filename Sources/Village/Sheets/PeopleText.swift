/// How people write days and times of day: `2026年3月5日（周四）`, `3月5日`, `上午9：30`, `9点半`. Walks
/// a text in half width, without blanks.
struct PeopleText {
  private var rest: Substring

  init(_ text: String) {
    var narrow = String.UnicodeScalarView()
    for scalar in text.unicodeScalars where !scalar.properties.isWhitespace {
      let isWide = (0xFF01...0xFF5E).contains(scalar.value)
      narrow.append(Unicode.Scalar(isWide ? scalar.value - 0xFEE0 : scalar.value) ?? scalar)
    }
    rest = String(narrow)[...]
  }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func skip(_ marks: String...) -> String? {
    guard let mark = marks.first(where: { rest.hasPrefix($0) }) else { return nil }
    rest = rest.dropFirst(mark.count)
    return mark
  }

  mutating func number(digits: ClosedRange<Int>) -> Int? {
    let found = rest.utf8.prefix { (0x30...0x39).contains($0) }
    guard digits.contains(found.count), let number = Int(String(found) ?? "") else { return nil }
    rest = rest[found.endIndex...]
    return number
  }

  // MARK: Days

  /// A day as it is written; what is nil is not said.
  struct Day: Equatable {
    var year: Int?
    var month: Int?
    var day: Int
    /// 1 on Monday.
    var weekday: Int?
  }

  /// `2026年3月5日`, `3月5日`, `5日`, each with or without a day of the week; `20260305`. The text
  /// must end with it.
  func day() -> Day? {
    var reader = self
    if let all = reader.number(digits: 8...8), reader.isAtEnd {
      return Day(year: all / 10_000, month: all / 100 % 100, day: all % 100)
    }
    guard var day = reader.dayParts() else { return nil }
    day.weekday = reader.weekday()
    return reader.isAtEnd ? day : nil
  }

  /// The same at the start of the text, without a day of the week, and what follows it.
  mutating func takeDay() -> Day? {
    var reader = self
    guard let day = reader.dayParts() else { return nil }
    self = reader
    return day
  }

  private mutating func dayParts() -> Day? {
    guard let first = number(digits: 1...4) else { return nil }
    if skip("年") != nil {
      guard first >= 1000, let month = number(digits: 1...2), skip("月") != nil,
        let day = number(digits: 1...2)
      else { return nil }
      _ = skip("日", "号")
      return Day(year: first, month: month, day: day)
    }
    if skip("月") != nil {
      guard let day = number(digits: 1...2) else { return nil }
      _ = skip("日", "号")
      return Day(month: first, day: day)
    }
    return skip("日", "号") == nil ? nil : Day(day: first)
  }

  private mutating func weekday() -> Int? {
    var reader = self
    let isOpen = reader.skip("(", "[", "【") != nil
    guard reader.skip("星期", "周", "礼拜") != nil, let name = reader.rest.popFirst(),
      let number = Array("一二三四五六日").firstIndex(of: name == "天" ? "日" : name)
    else { return nil }
    if isOpen { _ = reader.skip(")", "]", "】") }
    self = reader
    return number + 1
  }

  // MARK: Months in titles

  /// The months that a title names, and the years. Days, as those on which a sheet was made, are
  /// not what it is about.
  func periods() -> (months: [Month], years: [Int]) {
    var months: [Month] = []
    var years: [Int] = []
    var reader = self
    while !reader.isAtEnd {
      guard let year = reader.number(digits: 4...4), let mark = reader.skip("年", "-", "/", ".")
      else {
        reader.skipPiece()
        continue
      }
      let month = reader.number(digits: 1...2)
      if mark != "年" || month != nil {
        guard let month, let found = Month("\(year)-\(month)") else { continue }
        if mark == "年", reader.skip("月") == nil { continue }
        if mark != "年", reader.skip(mark) != nil { continue }
        if reader.number(digits: 1...2) != nil, reader.skip("日", "号") != nil { continue }
        months.append(found)
      }
      years.append(year)
    }
    return (months, years)
  }

  /// Goes past a number of another length, or one character.
  private mutating func skipPiece() {
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    rest = rest.dropFirst(max(digits.count, 1))
  }

  // MARK: Times of day

  /// Minutes since midnight: `9:30`, `9点半`, `上午9:30`, `下午2点`, `9:30PM`, `0930`, `930`.
  func time() -> Int? {
    var reader = self
    let half = reader.half()
    guard case (var hour, let minute)? = reader.clock() else { return nil }
    let meridiem = reader.skip("AM", "am", "PM", "pm").map { $0.lowercased() }
    guard reader.isAtEnd, meridiem == nil || half == nil else { return nil }
    switch half ?? meridiem.map({ $0 == "am" ? .morning : .afternoon }) {
    case .none: break
    case .morning: guard hour < 12 else { return nil }
    case .noon:
      guard (1...2).contains(hour) || (11...14).contains(hour) else { return nil }
      if hour < 11 { hour += 12 }
    case .afternoon:
      // Twelve in the afternoon is noon, and in the evening midnight: 12 PM says noon.
      guard hour > 0, hour != 12 || half == nil || half == .afternoon else { return nil }
      if hour < 12 { hour += 12 }
    case .evening:
      guard (5...11).contains(hour) || (17...23).contains(hour) else { return nil }
      if hour < 12 { hour += 12 }
    }
    guard hour < 24, minute < 60 else { return nil }
    return hour * 60 + minute
  }

  private enum Half {
    case morning, noon, afternoon, evening
  }

  private mutating func half() -> Half? {
    switch skip("上午", "早上", "早晨", "凌晨", "中午", "下午", "晚上") {
    case "上午", "早上", "早晨", "凌晨": .morning
    case "中午": .noon
    case "下午": .afternoon
    case "晚上": .evening
    default: nil
    }
  }

  private mutating func clock() -> (hour: Int, minute: Int)? {
    guard let first = number(digits: 1...4) else { return nil }
    switch skip(":", "点", "时", ".") {
    case ":":
      guard first < 100, let minute = number(digits: 2...2) else { return nil }
      if skip(":") != nil { guard number(digits: 2...2) == 0 else { return nil } }
      return (first, minute)
    case "点", "时":
      guard first < 100 else { return nil }
      if skip("半") != nil { return (first, 30) }
      if skip("整") != nil { return (first, 0) }
      guard let minute = number(digits: 1...2) else { return (first, 0) }
      _ = skip("分")
      return (first, minute)
    case nil:
      // 930 and 0930 can only be hours and minutes.
      return first >= 100 ? (first / 100, first % 100) : nil
    default: return nil
    }
  }
}
