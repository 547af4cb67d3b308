/// Writes rows as CSV (RFC 4180) that `CSVReader` reads back field for field.
package struct CSVWriter: Sendable {
  package enum LineEnd: Sendable {
    case lf
    case crlf
  }

  /// What the file begins with. Excel in China takes a file without a mark for GB18030.
  package enum Opening: Sendable {
    case plain
    case byteOrderMark
  }

  /// What has been written and not yet taken.
  package private(set) var bytes: [UInt8]
  private let lineEnd: [UInt8]

  package init(lineEnd: LineEnd = .lf, opening: Opening = .plain) {
    self.lineEnd = lineEnd == .lf ? [CSV.lineFeed] : [CSV.carriageReturn, CSV.lineFeed]
    bytes = opening == .plain ? [] : TextSource.mark
  }

  /// What has been written and not yet taken, as text.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Adds a row of at least one field. A field must not have a zero character: no reader takes it.
  package mutating func write(_ fields: [String]) {
    precondition(!fields.isEmpty, "a row has fields")
    // Without a quote somewhere a row of blanks would be taken for no row.
    let isBlank = fields.allSatisfy { $0.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 } }
    for (index, field) in fields.enumerated() {
      if index > 0 { bytes.append(CSV.comma) }
      if isBlank && index == 0 || Self.needsQuotes(field) {
        writeQuoted(field)
      } else {
        bytes.append(contentsOf: field.utf8)
      }
    }
    bytes.append(contentsOf: lineEnd)
  }

  /// Hands over what has been written, so that a file of any size can be written piece by piece.
  package mutating func take() -> [UInt8] {
    defer { bytes.removeAll(keepingCapacity: true) }
    return bytes
  }

  /// A text without zero characters, which no reader takes.
  package static func writable(_ text: String) -> String {
    text.utf8.contains(0) ? text.filter { $0 != "\0" } : text
  }

  private mutating func writeQuoted(_ field: String) {
    bytes.append(CSV.quote)
    for byte in field.utf8 {
      if byte == CSV.quote { bytes.append(CSV.quote) }
      bytes.append(byte)
    }
    bytes.append(CSV.quote)
  }

  private static func needsQuotes(_ field: String) -> Bool {
    // A mark at the start of a file is no text unless it is in quotes.
    field.unicodeScalars.first == "\u{FEFF}"
      || field.utf8.contains {
        $0 == CSV.comma || $0 == CSV.quote || $0 == CSV.lineFeed || $0 == CSV.carriageReturn
      }
  }
}
