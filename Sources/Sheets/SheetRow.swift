/// One row of a sheet. Text is made only of the fields that are asked for.
package struct SheetRow: Equatable, Sendable {
  /// What a row was read from.
  enum Origin {
    case text
    case workbook
  }

  /// The physical line on which the row begins, or its number in a workbook, from 1.
  package let line: Int
  /// The fields' text, one after the other.
  private let bytes: [UInt8]
  /// Where each field ends in `bytes`.
  private let ends: [Int]
  let origin: Origin

  init(line: Int, bytes: [UInt8], ends: [Int]) {
    self.line = line
    self.bytes = bytes
    self.ends = ends
    origin = .text
  }

  init(line: Int, _ fields: [String], from origin: Origin) {
    self.line = line
    self.origin = origin
    var bytes: [UInt8] = []
    var ends: [Int] = []
    for field in fields {
      bytes.append(contentsOf: field.utf8)
      ends.append(bytes.count)
    }
    self.bytes = bytes
    self.ends = ends
  }

  /// How many fields the row has.
  package var count: Int { ends.count }

  /// All fields, as they stand in the file: not trimmed.
  package var fields: [String] { ends.indices.map(text) }

  /// The field of a column that the sheet has.
  package subscript(column: SheetColumn) -> String { text(column.number - 1) }

  /// What a field means: as it stands, but without the apostrophe with which `CSVGrid` keeps
  /// spreadsheets from calculating with texts.
  package func meaning(_ column: SheetColumn) -> String {
    origin == .text ? CellGuard.remove(self[column]) : self[column]
  }

  /// The field of a column that the sheet may lack: nil then.
  package subscript(column: SheetColumn?) -> String? { column.map { self[$0] } }

  private func text(_ index: Int) -> String {
    let start = index == 0 ? 0 : ends[index - 1]
    return bytes.span.extracting(start..<ends[index]).withUnsafeBufferPointer {
      String(decoding: $0, as: UTF8.self)
    }
  }
}

/// What a reader finds next: a row, or a row that it refuses and can pass over.
package enum SheetItem: Equatable, Sendable {
  case row(SheetRow)
  /// This row is bad, the next one may be good.
  case refused(SheetError)
}
