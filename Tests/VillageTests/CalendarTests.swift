import Testing

@testable import Village

@Suite struct CalendarTests {
  @Test func `dates are counted and printed as a plain walk through the calendar does`() throws {
    var (year, month, day) = (1599, 1, 1)
    let first = try #require(CivilDate(year: year, month: month, day: day))
    let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    for offset in 0..<(1100 * 366) where year <= 2699 {
      let date = CivilDate(days: first.days + offset)
      guard date.parts == (year, month, day), CivilDate(year: year, month: month, day: day) == date
      else {
        Issue.record("\(year)-\(month)-\(day) is \(date)")
        return
      }
      let isLeap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0
      day += 1
      if day > lengths[month - 1] + (isLeap && month == 2 ? 1 : 0) { (month, day) = (month + 1, 1) }
      if month > 12 { (year, month) = (year + 1, 1) }
    }
    #expect(CivilDate("1970-01-01")?.days == 0)
    #expect(CivilDate("2026-11-21")?.weekday == 6)
  }

  @Test func `a week belongs to the year of its Thursday`() throws {
    for (text, week) in [
      ("2026-01-01", "2026-W01"), ("2027-01-01", "2026-W53"), ("2027-01-03", "2026-W53"),
      ("2027-01-04", "2027-W01"), ("2024-12-30", "2025-W01"), ("2026-03-02", "2026-W10"),
      ("2026-03-08", "2026-W10"), ("2026-03-09", "2026-W11"), ("0001-01-01", "0001-W01"),
    ] {
      let date = try #require(CivilDate(text))
      #expect(ISOWeek(of: date).description == week)
      #expect(ISOWeek(week)?.contains(date) == true)
    }
    #expect(ISOWeek("2026-W10")?.monday.description == "2026-03-02")
    for days in -800...30_000 {
      let week = ISOWeek(of: CivilDate(days: days))
      #expect((0...6).contains(days - week.monday.days) && ISOWeek(week.description) == week)
    }
  }

  @Test func `what is no date, time, month or week is none`() {
    for text in [
      "", "2026", "2026-13-01", "2026-02-29", "2026-00-10", "2026-1-0", "26-01-01", "2026-01-01x",
      "2026-01/01", " 2026-01-01", "２０２６-01-01", "99999-01-01", "2026-01-001", "-026-01-01",
    ] { #expect(CivilDate(text) == nil, "\(text)") }
    for text in ["", "24:00", "9", "09:60", "09:3", "09:30:01", "009:30", "09:30 ", "+9:30"] {
      #expect(ClockTime(text) == nil, "\(text)")
    }
    for text in ["2026-W00", "2026-W54", "2025-W53", "2026-13", "2026", "W10", "9999-W53x"] {
      #expect(expect(.badPeriod) { try Period(text) } != nil, "\(text)")
    }
    #expect(ISOWeek("9999-W53") == nil)
  }

  @Test func `dates and times are read as Excel leaves them and printed in one form`() {
    for text in ["2026-03-05", "2026/3/5", "2026.03.05", "2026-3-5"] {
      #expect(CivilDate(text)?.description == "2026-03-05")
    }
    for text in ["09:05", "9:05", "9:05:00"] { #expect(ClockTime(text)?.description == "09:05") }
    #expect(Month("2026-3")?.description == "2026-03")
    #expect(ISOWeek("2026-w9")?.description == "2026-W09")
  }

  @Test func `an instant without an offset is in the zone of the tree`() throws {
    let xinjiang = TimeZoneOffset(minutes: 360)
    for (text, zone) in [
      ("2026-01-01T07:07:47+08:00", xinjiang), ("2026-01-01T07:07:47", .china),
      ("2026-01-01 07:07:47", .china), ("2026/1/1 7:07:47", .china),
      ("2025-12-31T23:07:47Z", .china), ("2026-01-01T07:07:47+0800", xinjiang),
      ("2026-01-01T07:07:47+08", xinjiang), ("2026-01-01T05:07:47", xinjiang),
      ("2025-12-31T19:37:47.999-03:30", .china),
    ] {
      let instant = try #require(Instant(text, zone: zone), "\(text)")
      #expect(instant.seconds == 1_767_222_467, "\(text)")
      #expect(instant.text(in: .china) == "2026-01-01T07:07:47+08:00")
    }
    #expect(Instant("2026-01-01T07:07", zone: .china)?.seconds == 1_767_222_420)
    #expect(
      Instant(seconds: -1).text(in: TimeZoneOffset(minutes: 0)) == "1969-12-31T23:59:59+00:00")
    #expect(Instant(seconds: 1_767_222_467).date(in: .china).description == "2026-01-01")
    #expect(Instant(seconds: 1_767_222_467).date(in: TimeZoneOffset(minutes: 0)).days == 20_453)
  }

  @Test func `what is no instant is none, and no number of seconds ends the program`() {
    for text in [
      "", "2026-01-01", "2026-01-01T", "2026-01-01T24:00:00", "2026-01-01T07:07:60",
      "2026-01-01T07:07:47+8", "2026-01-01T07:07:47+19:00", "2026-01-01T07:07:47 +08:00",
      "2026-01-01T07:07:47+0860", "2026-01-01T07:07:47.", "07:07:47", "2026-01-01T07:07:47zz",
    ] { #expect(Instant(text, zone: .china) == nil, "\(text)") }
    for seconds in [Int64.min, Int64.max] {
      #expect(!Instant(seconds: seconds).text(in: .china).isEmpty)
    }
  }
}
