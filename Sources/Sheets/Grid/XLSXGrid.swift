internal import CXlsxWriter

/// A table as the only sheet of a workbook. Texts are always texts, never formulas; days, times and
/// shares are what a spreadsheet can calculate with. One row at a time is in memory.
///
/// A text of more than 32,767 characters and a row beyond the 1,048,576th do not fit into a
/// workbook: `write` throws `xlsx_too_large`, and `finish` throws `sheet_unwritable` if the disk
/// takes no more. Nothing lies at the path unless `finish` has returned.
package final class XLSXGrid: GridSink {
  private let columns: [GridColumn]
  private let file: XLSXFile
  private let sheet: UnsafeMutablePointer<lxw_worksheet>
  private var widths: [XLSXWidth]
  private var row: UInt32 = 0

  /// `sheet` is the name on the tab; what a tab cannot have is left out of it.
  package init(_ columns: [GridColumn], path: String, sheet name: String) throws(SheetError) {
    self.columns = columns
    file = try XLSXFile(path)
    sheet = try file.add(sheet: name)
    widths = columns.map { XLSXWidth($0.title) }
    for (index, column) in columns.enumerated() {
      try file.write(column.title, .header, to: sheet, XLSXPlace(row: 0, column: index))
    }
    worksheet_freeze_panes(sheet, 1, 0)
    worksheet_repeat_rows(sheet, 0, 0)
    row = 1
  }

  package func write(_ cells: [GridCell]) throws {
    precondition(cells.count == columns.count, "a row has a cell for each column")
    for (index, cell) in cells.enumerated() {
      widths[index].fit(cell)
      try file.write(cell, to: sheet, XLSXPlace(row: Int(row), column: index))
    }
    row += 1
  }

  package func finish() throws {
    if row > 1, !columns.isEmpty {
      worksheet_autofilter(sheet, 0, 0, row - 1, UInt16(columns.count - 1))
    }
    for (index, width) in widths.enumerated() {
      worksheet_set_column(sheet, UInt16(index), UInt16(index), width.characters, nil)
    }
    try file.finish()
  }
}

/// How wide a column must be for what stands in it.
struct XLSXWidth {
  private var cells = 0

  init(_ title: String) { fit(title) }

  /// In digits of the common font: Chinese characters take two. Neither a column of ticks nor one
  /// of long notes makes a sheet that is bad to read.
  var characters: Double { Double(min(max(cells, 6), 48)) + 2 }

  mutating func fit(_ cell: GridCell) {
    switch cell {
    case .text(let text), .word(_, let text): fit(text)
    default: cells = max(cells, cell.text.utf8.count)
    }
  }

  private mutating func fit(_ text: String) {
    var width = 0
    for scalar in text.unicodeScalars.prefix(60) { width += scalar.value < 0x1100 ? 1 : 2 }
    cells = max(cells, width)
  }
}
