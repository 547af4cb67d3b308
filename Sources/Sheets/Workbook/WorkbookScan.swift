package import Wording

/// Something that a person should know of a sheet.
package struct SheetNote: Equatable, Sendable {
  package let line: Int
  package let what: Message
  /// In English.
  package var text: String { what.text }
}

/// The first reading of a sheet: where its header is, and what was merged.
final class WorkbookScan {
  let sheet: WorkbookSheet
  private(set) var search: HeaderSearch
  private let reading: WorksheetReading
  private let stream: ZipPart
  private let parser: XMLParser
  private let system: SheetSerial.System

  private init(_ sheet: WorkbookSheet, of book: Workbook, _ wants: SheetWants) throws(SheetError) {
    self.sheet = sheet
    search = HeaderSearch(wants)
    system = book.system
    reading = WorksheetReading(book.strings, book.looks)
    parser = try XMLParser(reading)
    stream = try book.archive.open(sheet.part)
    try findHeader()
  }

  /// The sheet to read, and the names of other visible ones that have such a header too.
  static func choose(
    from book: Workbook, _ wants: SheetWants, _ name: String?
  ) throws(SheetError) -> (chosen: WorkbookScan, others: [String]) {
    if let name {
      let wanted = HeaderName.trimmed(name)
      guard let sheet = book.sheets.first(where: { HeaderName.trimmed($0.name) == wanted }) else {
        throw .sheetMissing(name, among: book.sheets.map(\.name))
      }
      return (try WorkbookScan(sheet, of: book, wants), [])
    }
    return try chooseVisible(from: book, wants)
  }

  private static func chooseVisible(
    from book: Workbook, _ wants: SheetWants
  ) throws(SheetError) -> (chosen: WorkbookScan, others: [String]) {
    var chosen: WorkbookScan?
    var others: [String] = []
    for sheet in book.sheets where sheet.isVisible {
      let scan = try WorkbookScan(sheet, of: book, wants)
      if let chosen, chosen.search.isFound {
        if scan.search.isFound { others.append(sheet.name) }
      } else if scan.search.isFound || scan.search.bestCount > (chosen?.search.bestCount ?? -2) {
        chosen = scan
      }
    }
    guard let chosen else { throw .sheetMissing(nil, among: book.sheets.map(\.name)) }
    return (chosen, others)
  }

  /// What was merged below the header, by reading the sheet to its end.
  func merged() throws(SheetError) -> [MergedColumn] {
    reading.interest = .merged
    while try stream.feed(parser) {}
    return reading.merged
  }

  private func findHeader() throws(SheetError) {
    var isMore = true
    while isMore, !search.isOver {
      isMore = try stream.feed(parser)
      for row in reading.rows where !search.isOver {
        if let offered = try plain(row) { search.offer(offered) }
      }
      reading.rows.removeAll(keepingCapacity: true)
    }
  }

  /// A row of names or titles; nil for one without any text.
  private func plain(_ row: WorkbookRow) throws(SheetError) -> SheetRow? {
    let cells = row.cells.filter { $0.value != .unknown }
    guard let width = cells.last?.column else { return nil }
    let limits = SheetLimits()
    guard width <= limits.columnsMax else {
      throw .tooManyColumns(width, columnsMax: limits.columnsMax, line: row.number)
    }
    var fields = [String](repeating: "", count: width)
    for cell in cells { fields[cell.column - 1] = cell.text(system) }
    return SheetRow(line: row.number, fields, from: .workbook)
  }
}
