/// Where a cell of a sheet is; both from 1. Shown as spreadsheets do: `C7`.
package struct CellPlace: Hashable, Sendable, CustomStringConvertible {
  package let row: Int
  package let column: Int

  package init(row: Int, column: Int) {
    self.row = row
    self.column = column
  }

  static let rowMax = 1_048_576
  static let columnMax = 16_384

  /// Reads `C7`; nil for what is no cell of a workbook.
  init?(_ text: some StringProtocol) {
    var column = 0
    var row = 0
    for byte in text.utf8 {
      switch byte {
      case 0x41...0x5A where row == 0: column = column * 26 + Int(byte - 0x40)
      case 0x30...0x39 where column > 0: row = row * 10 + Int(byte - 0x30)
      default: return nil
      }
      guard column <= Self.columnMax, row <= Self.rowMax else { return nil }
    }
    guard row > 0 else { return nil }
    self.init(row: row, column: column)
  }

  package var description: String {
    var letters = ""
    var rest = column
    while rest > 0 {
      letters = String(UnicodeScalar(UInt8(0x41 + (rest - 1) % 26))) + letters
      rest = (rest - 1) / 26
    }
    return letters + String(row)
  }
}
