extension WorkbookCell {
  /// What stands in the cell, as text, whatever its column is for.
  func text(_ system: SheetSerial.System) -> String {
    switch value {
    case .empty, .unknown: ""
    case .text(let text), .error(let text): text
    case .flag(let flag): flag ? "TRUE" : "FALSE"
    case .iso(let text): Self.iso(text)
    case .number(let number): shownDate(number, system) ?? Self.plain(number, look)
    }
  }

  /// Whether a spreadsheet shows the cell as a date or a time.
  var isDate: Bool {
    if case .iso = value { return true }
    guard case .number = value else { return false }
    switch look {
    case .date, .time, .instant, .elapsed: return true
    case .number, .digits: return false
    }
  }

  /// `2026-03-05`, `09:30`, `09:30:15`, `2026-03-05 09:30:00`; nil for what is shown as a number, or
  /// is a number of no day.
  private func shownDate(_ number: Double, _ system: SheetSerial.System) -> String? {
    switch look {
    case .number, .digits: return nil
    case .time: return Self.clock(SheetSerial.timeOfDay(number))
    case .elapsed: return Self.elapsed(number, look)
    case .date, .instant:
      // A time that is shown as a day is still a time.
      if number > 0, number < 1 { return Self.clock(SheetSerial.timeOfDay(number)) }
      guard let seconds = SheetSerial.seconds(number, system) else { return nil }
      if look == .date, seconds % 86_400 == 0 {
        return GridCell.date(days: Int(seconds / 86_400)).text
      }
      return GridCell.instant(seconds: seconds).text
    }
  }

  private static func clock(_ seconds: Int) -> String {
    let time = GridCell.time(minutes: seconds / 60).text
    return seconds % 60 == 0 ? time : time + ":" + two(seconds % 60)
  }

  /// How long something takes, as it is shown: `00:25:00`, or `25:00` where seconds are not shown.
  static func elapsed(_ days: Double, _ look: NumberLook) -> String? {
    let seconds = (days * 86_400).rounded()
    guard seconds >= 0, seconds < 1e9 else { return nil }
    let whole = Int(seconds)
    let isShort = look == .time(.minute) || look == .elapsed(.minute)
    let parts = [whole / 3600, whole / 60 % 60] + (isShort ? [] : [whole % 60])
    return parts.map(two).joined(separator: ":")
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  /// Whole numbers without a point, others as short as they can be told.
  static func plain(_ number: Double, _ look: NumberLook) -> String {
    guard number.rounded() == number, abs(number) < 1e15 else { return "\(number)" }
    let text = String(Int64(number))
    guard case .digits(let count) = look, number >= 0 else { return text }
    return String(repeating: "0", count: max(0, count - text.count)) + text
  }

  /// `2026-03-05T09:30:00` as other cells give it.
  private static func iso(_ text: String) -> String {
    let parts = text.split(separator: "T", maxSplits: 1)
    guard parts.count == 2 else { return text }
    return parts[1].hasPrefix("00:00:00") ? String(parts[0]) : "\(parts[0]) \(parts[1].prefix(8))"
  }
}

/// Makes rows of a sheet's cells, and refuses what a spreadsheet has done to them.
struct WorkbookRowMaker {
  private let header: SheetHeader
  private let columns: Int
  private let system: SheetSerial.System
  private let asked: Set<Int>
  private let limits = SheetLimits()

  init(_ header: SheetHeader, columns: Int, system: SheetSerial.System) {
    self.header = header
    self.columns = columns
    self.system = system
    asked = Set(header.found.map(\.number))
  }

  /// Whether a row has something of its own below the header.
  func hasOwn(_ row: FilledRow) -> Bool {
    // order: whether there is one does not depend on it.
    row.cells.values.contains { cell in
      guard cell.column <= columns, !row.inherited.contains(cell.column) else { return false }
      guard case .text(let text) = cell.value else { return true }
      return text.unicodeScalars.contains { !$0.properties.isWhitespace }
    }
  }

  /// The row, and how many of its cells have formulas.
  ///
  /// Throws `xlsx_formula`, `xlsx_error_cell`, `xlsx_mangled` or `csv_field_too_long`, of the first
  /// such cell in a column that was asked for.
  func make(_ row: FilledRow) throws(SheetError) -> (row: SheetRow, formulas: Int) {
    var fields = [String](repeating: "", count: columns)
    var formulas = 0
    for column in 1...columns where !asked.contains(column) {
      if let cell = row.cells[column] { fields[column - 1] = cell.text(system) }
    }
    for column in header.found {
      guard let cell = row.cells[column.number] else { continue }
      let place = CellPlace(row: row.number, column: column.number)
      let text = try text(cell, column, place)
      guard text.utf8.count <= limits.fieldBytesMax else {
        throw .fieldTooLong(
          line: row.number, column: column.number, bytesMax: limits.fieldBytesMax)
      }
      fields[column.number - 1] = text
      if cell.isFormula { formulas += 1 }
    }
    return (SheetRow(line: row.number, fields, from: .workbook), formulas)
  }

  private func text(
    _ cell: WorkbookCell, _ column: SheetColumn, _ place: CellPlace
  ) throws(SheetError) -> String {
    switch cell.value {
    case .unknown: throw .formula(place)
    case .error(let text): throw .errorCell(text, place)
    case .number(let number) where !cell.isDate: return try text(number, cell, column, place)
    default: break
    }
    let text = cell.text(system)
    guard cell.isDate else { return text }
    switch column.kind {
    case .words, .code, .count, .flag: throw .mangled(text, column.name, place)
    case .duration:
      guard case .number(let number) = cell.value else { return text }
      return WorkbookCell.elapsed(number, cell.look) ?? text
    case .date, .time, .instant: return text
    }
  }

  /// A number that is shown as such. Where a day or a time is asked for, one that can be meant so
  /// is taken for the spreadsheet's count of days.
  private func text(
    _ number: Double, _ cell: WorkbookCell, _ column: SheetColumn, _ place: CellPlace
  ) throws(SheetError) -> String {
    let plain = WorkbookCell.plain(number, cell.look)
    switch column.kind {
    case .words, .code:
      if abs(number) >= 1e15 { throw .rounded(column.name, place) }
      return plain
    case .date, .instant:
      let isWhole = number.rounded() == number
      guard let seconds = SheetSerial.seconds(number, system),
        SheetSerial.plausible.contains(Double(seconds) / 86_400 + Double(SheetSerial.epochDays)),
        isWhole || column.kind == .instant
      else { return plain }
      return column.kind == .date
        ? GridCell.date(days: Int(seconds / 86_400)).text : GridCell.instant(seconds: seconds).text
    case .time:
      guard number > 0, number < 1 else { return plain }
      return GridCell.time(minutes: SheetSerial.timeOfDay(number) / 60).text
    case .count, .duration, .flag: return plain
    }
  }
}
