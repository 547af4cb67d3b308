/// Writes events as iCalendar (RFC 5545): times in UTC, lines folded at 75 bytes and never within a
/// character, texts escaped.
package struct ICSWriter {
  private let put: ([UInt8]) throws -> Void
  private var bytes: [UInt8] = []

  private static let lineBytesMax = 75
  private static let bytesPerPut = 64 << 10

  /// `name` is what calendars call the whole; `put` gets the bytes, piece by piece.
  package init(name: String, put: @escaping ([UInt8]) throws -> Void) {
    self.put = put
    line("BEGIN", "VCALENDAR")
    line("VERSION", "2.0")
    line("PRODID", "-//Yizhan//Plans//ZH")
    line("CALSCALE", "GREGORIAN")
    line("METHOD", "PUBLISH")
    line("X-WR-CALNAME", Self.escaped(name))
  }

  package mutating func write(_ event: CalendarEvent) throws {
    line("BEGIN", "VEVENT")
    line("UID", Self.escaped(event.uid))
    line("DTSTAMP", Self.utc(event.stamp))
    line("LAST-MODIFIED", Self.utc(event.stamp))
    write(event.time)
    line("SEQUENCE", String(event.sequence))
    line("STATUS", event.status.rawValue)
    line("SUMMARY", Self.escaped(event.summary))
    if !event.details.isEmpty { line("DESCRIPTION", Self.escaped(event.details)) }
    if !event.place.isEmpty { line("LOCATION", Self.escaped(event.place)) }
    if !event.categories.isEmpty {
      line("CATEGORIES", event.categories.map(Self.escaped).joined(separator: ","))
    }
    line("END", "VEVENT")
    if bytes.count >= Self.bytesPerPut { try take() }
  }

  package mutating func finish() throws {
    line("END", "VCALENDAR")
    try take()
  }

  private mutating func write(_ time: CalendarEvent.Time) {
    switch time {
    case .instants(let start, let end):
      line("DTSTART", Self.utc(start))
      if let end { line("DTEND", Self.utc(end)) }
    case .days(let start, let end):
      line("DTSTART;VALUE=DATE", Self.compact(GridCell.date(days: start).text))
      line("DTEND;VALUE=DATE", Self.compact(GridCell.date(days: end).text))
      line("TRANSP", "TRANSPARENT")
    }
  }

  private mutating func take() throws {
    try put(bytes)
    bytes.removeAll(keepingCapacity: true)
  }

  /// A content line, folded (section 3.1): a line goes on behind CR LF and a space.
  private mutating func line(_ name: String, _ value: String) {
    var used = 0
    for scalar in "\(name):\(value)".unicodeScalars {
      let encoded = UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
      if used + encoded.count > Self.lineBytesMax {
        bytes += [0x0D, 0x0A, 0x20]
        used = 1
      }
      bytes += encoded
      used += encoded.count
    }
    bytes += [0x0D, 0x0A]
  }

  /// As TEXT (section 3.3.11). Control characters that it cannot have are left out.
  private static func escaped(_ text: String) -> String {
    var result = ""
    var previous: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\", ";", ",":
        result += "\\"
        result.unicodeScalars.append(scalar)
      case "\r": result += "\\n"
      case "\n": if previous != "\r" { result += "\\n" }
      case "\t": result += "\t"
      default:
        if scalar.value >= 0x20 && scalar.value != 0x7F { result.unicodeScalars.append(scalar) }
      }
      previous = scalar
    }
    return result
  }

  /// `20260305T013000Z`.
  private static func utc(_ seconds: Int64) -> String {
    compact(GridCell.instant(seconds: seconds).text) + "Z"
  }

  /// `2026-03-05 01:30:00` without its marks, and with a T between day and time.
  private static func compact(_ text: String) -> String {
    text.filter { $0 != "-" && $0 != ":" }.replacing(" ", with: "T")
  }
}

extension String {
  fileprivate func replacing(_ old: Character, with new: Character) -> String {
    String(map { $0 == old ? new : $0 })
  }
}
