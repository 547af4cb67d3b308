import Testing

@testable import Sheets

private func written(_ events: [CalendarEvent]) throws -> String {
  var bytes: [UInt8] = []
  var writer = ICSWriter(name: "双枣；2026,3") { bytes += $0 }
  for event in events { try writer.write(event) }
  try writer.finish()
  return String(decoding: bytes, as: UTF8.self)
}

private func event(_ summary: String) -> CalendarEvent {
  CalendarEvent(
    uid: "1:2@yizhan", stamp: 1_772_674_200,
    time: .instants(start: 1_772_674_200, end: 1_772_675_700), summary: summary)
}

@Test func `an event has what calendars need, in UTC`() throws {
  var event = event("春耕")
  event.sequence = 3
  event.status = .cancelled
  event.place = "双枣社区"
  event.categories = ["教育", "a,b"]
  let text = try written([event])
  #expect(
    text == """
      BEGIN:VCALENDAR\r
      VERSION:2.0\r
      PRODID:-//Yizhan//Plans//ZH\r
      CALSCALE:GREGORIAN\r
      METHOD:PUBLISH\r
      X-WR-CALNAME:双枣；2026\\,3\r
      BEGIN:VEVENT\r
      UID:1:2@yizhan\r
      DTSTAMP:20260305T013000Z\r
      LAST-MODIFIED:20260305T013000Z\r
      DTSTART:20260305T013000Z\r
      DTEND:20260305T015500Z\r
      SEQUENCE:3\r
      STATUS:CANCELLED\r
      SUMMARY:春耕\r
      LOCATION:双枣社区\r
      CATEGORIES:教育,a\\,b\r
      END:VEVENT\r
      END:VCALENDAR\r

      """)
}

@Test func `whole days have no times`() throws {
  let event = CalendarEvent(
    uid: "a", stamp: 0, time: .days(start: 20_514, end: 20_521), summary: "week")
  let text = try written([event])
  #expect(text.contains("DTSTART;VALUE=DATE:20260302\r\nDTEND;VALUE=DATE:20260309\r\n"))
}

@Test func `texts are escaped`() throws {
  let text = try written([event("a;b,c\\d\r\ne\nf\rg\u{1}\u{7F}")])
  #expect(text.contains("SUMMARY:a\\;b\\,c\\\\d\\ne\\nf\\ng\r\n"))
}

@Test func `no line is longer than 75 bytes, none is cut within a character, and all come back`()
  throws
{
  for count in 60..<90 {
    let summary = String(repeating: "x", count: count - 60) + String(repeating: "教🌾é", count: count)
    let text = try written([event(summary)])
    let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
    #expect(lines.allSatisfy { $0.utf8.count <= 75 })
    #expect(!text.contains("\u{FFFD}"))
    #expect(unfolded(text).contains("SUMMARY:\(summary)\r\n"), "\(count)")
  }
}

private func unfolded(_ text: String) -> String {
  var result = String.UnicodeScalarView()
  let scalars = Array(text.unicodeScalars)
  var index = 0
  while index < scalars.count {
    if index + 2 < scalars.count, scalars[index] == "\r", scalars[index + 1] == "\n",
      scalars[index + 2] == " "
    {
      index += 3
    } else {
      result.append(scalars[index])
      index += 1
    }
  }
  return String(result)
}
