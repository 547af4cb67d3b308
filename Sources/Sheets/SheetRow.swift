/// One row of a sheet. Text is made only of the fields that are asked for.
package struct SheetRow: Equatable, Sendable {
  /// The physical line on which the row begins, from 1.
  package let line: Int
  /// The fields' text, one after the other.
  private let bytes: [UInt8]
  /// Where each field ends in `bytes`.
  private let ends: [Int]

  init(line: Int, bytes: [UInt8], ends: [Int]) {
    self.line = line
    self.bytes = bytes
    self.ends = ends
  }

  /// How many fields the row has.
  package var count: Int { ends.count }

  /// All fields, as they stand in the file: not trimmed.
  package var fields: [String] { ends.indices.map(text) }

  /// The field of a column that the sheet has.
  package subscript(column: SheetColumn) -> String { text(column.number - 1) }

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
