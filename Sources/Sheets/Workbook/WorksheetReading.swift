internal import Wording

/// A cell as it stands in a workbook.
struct WorkbookCell: Equatable {
  enum Value: Equatable {
    case empty
    case text(String)
    case number(Double)
    case flag(Bool)
    case error(String)
    /// A day or an instant as text, in the strict kind of workbooks.
    case iso(String)
    /// Of a formula whose result is not there.
    case unknown
  }

  /// From 1.
  let column: Int
  let value: Value
  let look: NumberLook
  let isFormula: Bool
}

/// A row of a workbook that has something in it.
struct WorkbookRow: Equatable {
  let number: Int
  /// From left to right; cells without anything in them are left out.
  let cells: [WorkbookCell]
}

/// Cells that were made one, downwards: what stands in the first counts for each row.
struct MergedColumn: Equatable {
  let column: Int
  let rows: ClosedRange<Int>
}

/// Reads a sheet: its rows as they come, and at its end what was merged.
final class WorksheetReading: XMLHandler {
  enum Interest {
    case rows
    /// Cells cost most of the time, and this needs none.
    case merged
  }

  /// Rows that have come and have not been taken.
  var rows: [WorkbookRow] = []
  var interest = Interest.rows
  private(set) var merged: [MergedColumn] = []
  private let strings: SharedStrings
  private let looks: [NumberLook]

  private var row = 0
  private var cells: [WorkbookCell] = []
  private var column = 0
  private var type = ""
  private var look = NumberLook.number
  private var isFormula = false
  private var hasValue = false
  private var isInValue = false
  private var isInCell = false
  private var value: [UInt8] = []
  private var inline = TextCollector()

  private static let valueBytesMax = 1 << 20
  private static let mergedMax = 100_000

  init(_ strings: SharedStrings, _ looks: [NumberLook]) {
    self.strings = strings
    self.looks = looks
  }

  func start(_ element: XMLElement) throws(SheetError) {
    guard interest == .rows else {
      if element.name == "mergeCell" { try merge(element) }
      return
    }
    switch element.name {
    case "row": try startRow(element)
    case "c": try startCell(element)
    case "f": isFormula = true
    case "v":
      isInValue = true
      hasValue = true
    case "is": hasValue = true
    case "mergeCell": try merge(element)
    default: break
    }
    if isInCell { inline.start(element.name) }
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) throws(SheetError) {
    guard isInCell, interest == .rows else { return }
    if isInValue {
      guard value.count + bytes.count <= Self.valueBytesMax else {
        throw .fieldTooLong(line: row, column: column, bytesMax: Self.valueBytesMax)
      }
      value.append(contentsOf: bytes)
    } else {
      try inline.take(bytes)
    }
  }

  func end(_ name: String) throws(SheetError) {
    guard interest == .rows else { return }
    if isInCell { inline.end(name) }
    switch name {
    case "v": isInValue = false
    case "c": try endCell()
    case "row":
      if !cells.isEmpty { rows.append(WorkbookRow(number: row, cells: cells)) }
    default: break
    }
  }

  // MARK: Rows and cells

  private func startRow(_ element: XMLElement) throws(SheetError) {
    let number = element["r"].map { Int($0) } ?? row + 1
    guard let number, number > row, number <= CellPlace.rowMax else {
      throw .workbookDamaged("its rows are out of order behind row \(row)")
    }
    row = number
    column = 0
    cells = []
  }

  private func startCell(_ element: XMLElement) throws(SheetError) {
    if let name = element["r"] {
      guard let place = CellPlace(name), place.row == row, place.column > column else {
        throw .workbookDamaged("its cells are out of order in row \(row)")
      }
      column = place.column
    } else {
      column += 1
    }
    type = element["t"] ?? "n"
    look = .number
    if let style = element["s"].flatMap({ Int($0) }), looks.indices.contains(style) {
      look = looks[style]
    }
    isFormula = false
    hasValue = false
    isInCell = true
    value.removeAll(keepingCapacity: true)
    inline = TextCollector()
  }

  private func endCell() throws(SheetError) {
    isInCell = false
    let value = try read()
    guard value != .empty else { return }
    cells.append(
      WorkbookCell(column: column, value: value, look: look, isFormula: isFormula))
  }

  private func read() throws(SheetError) -> WorkbookCell.Value {
    guard hasValue else { return isFormula ? .unknown : .empty }
    switch type {
    case "inlineStr": return Self.text(WorkbookText.unescaped(inline.bytes))
    case "str": return Self.text(WorkbookText.unescaped(value))
    case "s":
      guard let text = Int(plain).flatMap({ strings[$0] }) else {
        throw .workbookDamaged("cell \(place) names a text that is not there")
      }
      return Self.text(text)
    case "b": return .flag(plain == "1" || plain == "true")
    case "e": return .error(plain)
    case "d": return .iso(plain)
    default:
      if plain.isEmpty { return isFormula ? .unknown : .empty }
      guard let number = Double(plain), number.isFinite else {
        throw .workbookDamaged("cell \(place) has no number")
      }
      return .number(number)
    }
  }

  private static func text(_ text: String) -> WorkbookCell.Value {
    text.isEmpty ? .empty : .text(text)
  }

  private var plain: String {
    let hasBlanks = value.contains { $0 <= 0x20 }
    guard hasBlanks else { return String(decoding: value, as: UTF8.self) }
    return String(decoding: value, as: UTF8.self).filter { !$0.isWhitespace }
  }

  private var place: CellPlace { CellPlace(row: row, column: column) }

  private func merge(_ element: XMLElement) throws(SheetError) {
    let corners = (element["ref"] ?? "").split(separator: ":").map { CellPlace($0) }
    guard corners.count == 2, let first = corners[0], let last = corners[1] else { return }
    guard last.row > first.row else { return }
    guard merged.count < Self.mergedMax else {
      throw .workbookDamaged("it has more than \(Self.mergedMax) merged cells")
    }
    merged.append(MergedColumn(column: first.column, rows: first.row...last.row))
  }
}
