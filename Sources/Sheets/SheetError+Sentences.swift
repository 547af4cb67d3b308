// Every sentence that this module says to people, in one place.

internal import Wording

extension SheetError {
  private static let saveAsUTF8: Message = "Save the sheet as “CSV UTF-8” and try again."
  private static let copyAgain: Message = "Export the sheet or copy the file again."

  // MARK: The file

  static func notFound(_ path: String) -> SheetError {
    SheetError(
      .notFound, reason: "There is no file \(quoted(path)).", hint: "Check the name and the folder."
    )
  }

  static func unreadable(_ path: String, because cause: Message) -> SheetError {
    SheetError(
      .unreadable, reason: "The file \(quoted(path)) cannot be read: \(cause).",
      hint: "Check that it is a file and that you may read it, or copy it and try the copy.")
  }

  static func changed() -> SheetError {
    SheetError(
      .changed, reason: "The file changed while it was being read.",
      hint: "Close it in other programs and try again.")
  }

  static func workbook() -> SheetError {
    SheetError(.workbook, reason: "This is an Excel workbook, not a CSV file.", hint: saveAsUTF8)
  }

  static func empty() -> SheetError {
    SheetError(
      .empty, reason: "The file has no rows, not even the names of the columns.",
      hint: "Check that it is the right file.")
  }

  // MARK: The text

  static func utf16() -> SheetError {
    SheetError(
      .encoding, line: 1, column: 1, reason: "The file is UTF-16 (“Unicode text”), not UTF-8.",
      hint: saveAsUTF8)
  }

  static func encoding(_ byte: UInt8, at place: TextPosition) -> SheetError {
    let digits = String(byte, radix: 16, uppercase: true)
    return SheetError(
      .encoding, line: place.line, column: place.column,
      reason: "Byte \(place.byte) of this line (0x\(digits)) belongs to no character.",
      hint: saveAsUTF8)
  }

  static func noConverter() -> SheetError {
    SheetError(
      .encoding, reason: "The file is not UTF-8, and this computer cannot convert GB18030.",
      hint: saveAsUTF8)
  }

  static func nul(at place: TextPosition) -> SheetError {
    SheetError(
      .nul, line: place.line, column: place.column,
      reason: "Byte \(place.byte) of this line is zero: the file is damaged or is not text.",
      hint: copyAgain)
  }

  // MARK: The rows

  static func quoteInside(line: Int, column: Int) -> SheetError {
    SheetError(
      .quote, line: line, column: column,
      reason: "There is a quotation mark inside a field that does not begin with one.",
      hint: "Take it out, or write the field as \"...\" with each quotation mark inside doubled.")
  }

  static func quoteFollowed(openedAt line: Int, closedAt closing: Int, column: Int) -> SheetError {
    SheetError(
      .quote, line: line, column: column,
      reason: line == closing
        ? "The quoted field that begins here has more text after it is closed."
        : "The quoted field that begins here has more text after it is closed on line \(closing).",
      hint: "Double each quotation mark inside it, and check that the first one belongs there.")
  }

  static func quoteUnclosed(line: Int, column: Int) -> SheetError {
    SheetError(
      .quote, line: line, column: column,
      reason: "The quoted field that begins here is never closed.",
      hint: "Close it with a quotation mark, or copy the file again if its end is missing.")
  }

  static func rowTooLong(line: Int, bytesMax: Int) -> SheetError {
    SheetError(
      .rowTooLong, line: line, reason: "The row that begins here has more than \(bytesMax) bytes.",
      hint: "Check for a missing line end or quotation mark.")
  }

  static func fieldTooLong(line: Int, column: Int, bytesMax: Int) -> SheetError {
    SheetError(
      .fieldTooLong, line: line, column: column,
      reason: "The field that begins here has more than \(bytesMax) bytes.",
      hint: "Shorten it, and check for a missing quotation mark.")
  }

  static func columns(_ count: Int, expected: Int, line: Int) -> SheetError {
    let surplus = count > expected ? expected + 1 : nil
    return SheetError(
      .columns, line: line, column: surplus,
      reason: "The row has \(count) fields, the header has \(expected).",
      hint: count > expected
        ? "Put a field that has a comma in it into quotation marks."
        : "Add the missing fields, empty ones too.")
  }

  static func tooManyColumns(_ count: Int, columnsMax: Int, line: Int) -> SheetError {
    SheetError(
      .columns, line: line, reason: "The header has \(count) columns; \(columnsMax) are allowed.",
      hint: "Check that it is the right file.")
  }

  // MARK: The header

  static func headerMissing(_ missing: [String], found: [String], line: Int) -> SheetError {
    SheetError(
      .headerMissing, line: line,
      reason:
        "The header has no column \(Message.list(missing.map(known))); it has \(list(found)).",
      hint: found.count == 1 && found[0].contains { ";\t|，；、".contains($0) }
        ? "Save the sheet with commas between the columns (“CSV UTF-8”)."
        : "The first line must name the columns: add or rename those that are missing.")
  }

  static func headerDuplicate(_ name: String, line: Int, columns: (Int, Int)) -> SheetError {
    SheetError(
      .headerDuplicate, line: line, column: columns.1,
      reason: "Columns \(columns.0) and \(columns.1) are both named \(quoted(name)).",
      hint: "Keep one and rename or remove the other.")
  }

  private static func list(_ names: [String]) -> Message { .list(names.map(quoted), atMost: 20) }

  /// A column that this program names.
  private static func known(_ name: String) -> Message { "“\(Message(told: name))”" }

  private static func quoted(_ text: String) -> String { CellShown.quoted(text) }
}

/// Text from outside, made safe to show.
enum CellShown {
  /// Characters that a terminal obeys or that nobody sees.
  static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }

  /// In quotation marks, and short.
  static func quoted(_ text: String, _ scalarsMax: Int = 200) -> String {
    let shown = text.unicodeScalars.prefix(scalarsMax).map { isHidden($0) ? "\u{FFFD}" : $0 }
    return "“" + String(String.UnicodeScalarView(shown)) + "”"
  }
}
