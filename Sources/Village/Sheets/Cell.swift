internal import Records
internal import Sheets
internal import Wording

/// How texts of people, in cells and in commands, become values.
enum CellText {
  /// Greater counts are slips of the hand.
  static let countMax: Int64 = 1_000_000_000

  /// Without the blanks around it; ideographic ones too.
  static func trimmed(_ text: String) -> String {
    guard mayHaveBlanks(text.utf8) else { return text }
    let scalars = text.unicodeScalars
    guard let start = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let end = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[start...end])
  }

  /// Whether a text might begin or end with a blank, by its bytes alone: asking Unicode's tables
  /// for every cell took a tenth of an import. Blanks begin with one of these in UTF-8; Chinese
  /// characters, but for a few, do not.
  private static func mayHaveBlanks(_ bytes: String.UTF8View) -> Bool {
    guard let first = bytes.first, let last = bytes.last else { return false }
    if isBlankLead(first) || last <= 0x20 { return true }
    return last >= 0x80 && bytes.suffix(3).contains { $0 >= 0x80 && isBlankLead($0) }
  }

  private static func isBlankLead(_ byte: UInt8) -> Bool {
    byte <= 0x20 || byte == 0xC2 || (0xE1...0xE3).contains(byte)
  }

  /// A number of things or seconds; nil if there is no text.
  static func count(_ text: String, of name: String) throws(VillageError) -> Int64? {
    let text = trimmed(text)
    if text.isEmpty { return nil }
    guard let number = Int64(text), (0...countMax).contains(number) else {
      throw VillageError(
        .badValue,
        "\(Message(told: name)) is “\(shown(text))”, which is no number from 0 to \(countMax)",
        hint: "write digits only")
    }
    return number
  }

  static func flag(_ text: String, of name: String) throws(VillageError) -> Bool {
    switch trimmed(text).lowercased() {
    case "1", "yes", "y", "true", "是", "√", "✓", "✔", "必播", "必看": return true
    case "0", "no", "n", "false", "否", "×", "": return false
    default:
      throw VillageError(
        .badValue, "\(Message(told: name)) is “\(shown(text))”, which is neither yes nor no",
        hint: "write 1 or 0, yes or no")
    }
  }

  /// A text, or nothing where there is none.
  static func value(_ text: String) -> Value { text.isEmpty ? .null : .text(text) }

  /// Text from outside, made safe to show: short, and without characters that a terminal obeys.
  static func shown(_ text: String) -> String {
    let scalars = text.unicodeScalars.prefix(60).map { scalar -> Unicode.Scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
      default: scalar
      }
    }
    return String(String.UnicodeScalarView(scalars))
  }
}

extension SheetRow {
  /// What a cell says, by `reading` its text; nil if the sheet lacks the column. An error is given
  /// the cell's line and column.
  func cell<Result>(
    _ column: SheetColumn?, _ reading: (String) throws(VillageError) -> Result
  ) throws(VillageError) -> Result? {
    guard let column else { return nil }
    do { return try reading(meaning(column)) } catch { throw placed(error, column) }
  }

  /// The trimmed text of a cell; nil if it is empty or the sheet lacks the column.
  func word(_ column: SheetColumn?) -> String? {
    guard let column else { return nil }
    let text = CellText.trimmed(meaning(column))
    return text.isEmpty ? nil : text
  }

  func placed(_ error: VillageError, _ column: SheetColumn?) -> VillageError {
    var error = error
    error.line = line
    error.column = column?.number
    return error
  }
}
