import Sheets

/// CSV written a second time, for one whole array and without any speed, to judge the scanner by.
struct ReferenceParser {
  struct Row: Equatable {
    var line: Int
    var fields: [[UInt8]]
  }

  private struct LoneQuote: Error {}

  private(set) var rows: [Row] = []
  private(set) var hasFailed = false
  private let text: [UInt8]
  private var index = 0
  private var hasQuote = false

  init(_ text: [UInt8]) {
    self.text = text
    do {
      while index < text.count { try parseRow() }
    } catch {
      hasFailed = true
    }
  }

  private mutating func parseRow() throws {
    var row = Row(line: line, fields: [])
    hasQuote = false
    repeat {
      row.fields.append(try at("\"") ? parseQuoted() : parsePlain())
    } while take(",")
    if take("\r") { _ = take("\n") } else { _ = take("\n") }
    let isBlank = row.fields.allSatisfy { $0.allSatisfy { $0 == 0x20 || $0 == 0x09 } }
    if hasQuote || !isBlank { rows.append(row) }
  }

  private mutating func parsePlain() throws -> [UInt8] {
    let start = index
    while index < text.count, !at(","), !at("\r"), !at("\n") {
      if at("\"") { throw LoneQuote() }
      index += 1
    }
    return Array(text[start..<index])
  }

  private mutating func parseQuoted() throws -> [UInt8] {
    var field: [UInt8] = []
    hasQuote = true
    index += 1
    while true {
      guard index < text.count else { throw LoneQuote() }
      if take("\"") {
        if !at("\"") { break }
      }
      field.append(text[index])
      index += 1
    }
    guard index == text.count || at(",") || at("\r") || at("\n") else { throw LoneQuote() }
    return field
  }

  /// One more than the line ends before this place.
  private var line: Int {
    1
      + (0..<index).count {
        text[$0] == 0x0D || text[$0] == 0x0A && ($0 == 0 || text[$0 - 1] != 0x0D)
      }
  }

  private func at(_ mark: Unicode.Scalar) -> Bool {
    index < text.count && text[index] == UInt8(ascii: mark)
  }

  private mutating func take(_ mark: Unicode.Scalar) -> Bool {
    guard at(mark) else { return false }
    index += 1
    return true
  }
}
