internal import CXlsxWriter

/// A sheet for people to fill in: a title over all columns, the columns' names, empty rows that are
/// formatted, and a second sheet that explains the columns.
package struct XLSXForm: Sendable {
  package enum Entry: Sendable {
    case text
    case date
    case time
    case number
    /// One of these.
    case choice([String])
  }

  package struct Column: Sendable {
    package let title: String
    package let entry: Entry
    /// What to write there, for the second sheet.
    package let guidance: String

    package init(_ title: String, _ entry: Entry, _ guidance: String) {
      self.title = title
      self.entry = entry
      self.guidance = guidance
    }
  }

  private let title: String
  private let columns: [Column]
  /// What to know of the whole sheet, for the second one.
  private let advice: [String]

  private static let rows: UInt32 = 500

  package init(title: String, columns: [Column], advice: [String]) {
    precondition(columns.count > 1, "a title over one cell cannot be merged")
    self.title = title
    self.columns = columns
    self.advice = advice
  }

  /// Throws `sheet_unwritable`.
  package func write(to path: String) throws(SheetError) {
    let file = try XLSXFile(path)
    try writeForm(file)
    try writeGuidance(file)
    try file.finish()
  }

  private func writeForm(_ file: XLSXFile) throws(SheetError) {
    let sheet = try file.add(sheet: title)
    let last = UInt16(columns.count - 1)
    for (index, column) in columns.enumerated() {
      let number = UInt16(index)
      let style = Self.style(column.entry)
      worksheet_set_column(sheet, number, number, width(column), file.format(style))
      Self.validate(column.entry, sheet, number)
    }
    worksheet_set_row(sheet, 0, 28, nil)
    worksheet_merge_range(sheet, 0, 0, 0, last, title, file.format(.title))
    for (index, column) in columns.enumerated() {
      try file.write(column.title, .header, to: sheet, XLSXPlace(row: 1, column: index))
    }
    worksheet_freeze_panes(sheet, 2, 0)
    worksheet_repeat_rows(sheet, 1, 1)
  }

  private func writeGuidance(_ file: XLSXFile) throws(SheetError) {
    let sheet = try file.add(sheet: "说明")
    worksheet_set_column(sheet, 0, 0, 18, nil)
    worksheet_set_column(sheet, 1, 1, 80, file.format(.guidance))
    try file.write("列", .header, to: sheet, XLSXPlace(row: 0, column: 0))
    try file.write("填写方法", .header, to: sheet, XLSXPlace(row: 0, column: 1))
    for (index, column) in columns.enumerated() {
      let row = index + 1
      try file.write(column.title, .plain, to: sheet, XLSXPlace(row: row, column: 0))
      try file.write(column.guidance, .guidance, to: sheet, XLSXPlace(row: row, column: 1))
    }
    for (index, line) in advice.enumerated() {
      let row = columns.count + 2 + index
      try file.write(line, .guidance, to: sheet, XLSXPlace(row: row, column: 1))
    }
  }

  private func width(_ column: Column) -> Double {
    var width = XLSXWidth(column.title)
    if case .date = column.entry { width.fit(.date(days: 0)) }
    if case .text = column.entry { width.fit(.text(String(repeating: "　", count: 8))) }
    return width.characters
  }

  private static func style(_ entry: Entry) -> XLSXStyle {
    switch entry {
    case .text, .choice: .text
    case .date: .date
    case .time: .time
    case .number: .integer
    }
  }

  /// A list to choose from, in the rows that people fill in.
  private static func validate(
    _ entry: Entry, _ sheet: UnsafeMutablePointer<lxw_worksheet>, _ column: UInt16
  ) {
    guard case .choice(let choices) = entry else { return }
    var list: [UnsafeMutablePointer<CChar>?] = choices.map { choice in
      let text = Array(choice.utf8CString)
      let copy = UnsafeMutablePointer<CChar>.allocate(capacity: text.count)
      copy.initialize(from: text, count: text.count)
      return copy
    }
    list.append(nil)
    defer { for each in list { each?.deallocate() } }
    list.withUnsafeMutableBufferPointer { buffer in
      var validation = lxw_data_validation()
      validation.validate = UInt8(LXW_VALIDATION_TYPE_LIST.rawValue)
      validation.value_list = buffer.baseAddress
      worksheet_data_validation_range(sheet, 2, column, 2 + rows, column, &validation)
    }
  }
}
