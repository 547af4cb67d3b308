// The rows of one sheet of a workbook, as a CSV file would have them. The sheet is read twice: cells
// that are merged stand at its end, and they tell what a row's empty cells mean.

internal import Wording

/// Reads the rows of a sheet of a workbook (.xlsx, .xlsm).
final class WorkbookReader {
  let header: SheetHeader
  let headerLine: Int
  /// What stands above the header, and last the sheet's name.
  let titles: [String]
  /// What a person should know, and has not been taken.
  var notes: [SheetNote] = []
  let bytesTotal: Int
  var bytesRead: Int { stream.bytesRead }

  private let reading: WorksheetReading
  private let stream: ZipPart
  private let parser: XMLParser
  private let maker: WorkbookRowMaker
  private var filler: MergeFiller
  private var position = 0
  private var isAtEnd = false
  private var failure: SheetError?
  private var formulas = 0
  private var formulaLine = 0

  /// Opens the sheet of that name, or else the first visible one whose header has what is wanted.
  ///
  /// Throws the codes of workbooks, of packed files, of XML and of headers, and `csv_empty`.
  init(path: String, _ wants: SheetWants, sheet name: String?) throws(SheetError) {
    let book = try Workbook(path: path)
    let (chosen, others) = try WorkbookScan.choose(from: book, wants, name)
    guard let row = chosen.search.best else { throw .empty() }
    header = try SheetHeader(row, wants)
    headerLine = row.line
    titles = chosen.search.titles + [chosen.sheet.name]
    maker = WorkbookRowMaker(header, columns: row.count, system: book.system)
    filler = MergeFiller(try chosen.merged().filter { $0.rows.lowerBound > row.line })
    bytesTotal = max(book.archive.bytesClaimed(chosen.sheet.part), 1)
    stream = try book.archive.open(chosen.sheet.part)
    reading = WorksheetReading(book.strings, book.looks)
    parser = try XMLParser(reading)
    if book.hasMacros {
      notes.append(SheetNote(line: row.line, what: "the workbook has macros; they were not run"))
    }
    if !others.isEmpty {
      let names = Message.list(others.map { CellShown.quoted($0, 40) })
      notes.append(
        SheetNote(
          line: row.line,
          what: "only the sheet \(CellShown.quoted(chosen.sheet.name, 40)) was read; the same "
            + "columns are in \(names), which --sheet can name"))
    }
  }

  /// The next row; nil when there are no more. Throws what ends the sheet, and the same for ever.
  func next() throws(SheetError) -> SheetItem? {
    if let failure { throw failure }
    do throws(SheetError) {
      while let row = try nextRow() {
        guard row.number > headerLine else { continue }
        if let item = make(filler.fill(row)) { return item }
      }
      return nil
    } catch {
      failure = error
      throw error
    }
  }

  private func nextRow() throws(SheetError) -> WorkbookRow? {
    while position == reading.rows.count {
      reading.rows.removeAll(keepingCapacity: true)
      position = 0
      if isAtEnd { return nil }
      isAtEnd = try !stream.feed(parser)
      if isAtEnd { noteFormulas() }
    }
    position += 1
    return reading.rows[position - 1]
  }

  private func make(_ row: FilledRow) -> SheetItem? {
    guard maker.hasOwn(row) else { return nil }
    do throws(SheetError) {
      let made = try maker.make(row)
      if made.formulas > 0 {
        if formulas == 0 { formulaLine = row.number }
        formulas += made.formulas
      }
      return .row(made.row)
    } catch { return .refused(error) }
  }

  private func noteFormulas() {
    guard formulas > 0 else { return }
    let count: Message =
      formulas == 1 ? "1 cell has a formula" : "\(formulas) cells have formulas"
    notes.append(
      SheetNote(
        line: formulaLine, what: "\(count), the first in this row; the last results were taken"))
    formulas = 0
  }
}

/// A row and what it has from merged cells above.
struct FilledRow {
  let number: Int
  /// By column.
  var cells: [Int: WorkbookCell]
  /// Columns whose cells come from above.
  var inherited: Set<Int> = []
}

/// Gives each row what merged cells say for it.
struct MergeFiller {
  private let starts: [Int: [MergedColumn]]
  private var active: [(merged: MergedColumn, cell: WorkbookCell?)] = []
  /// Merges that begin above the row and have not been looked at.
  private var waiting: [Int]

  init(_ merged: [MergedColumn]) {
    starts = Dictionary(grouping: merged) { $0.rows.lowerBound }
    waiting = starts.keys.sorted(by: >)
  }

  mutating func fill(_ row: WorkbookRow) -> FilledRow {
    var filled = FilledRow(number: row.number, cells: [:])
    for cell in row.cells { filled.cells[cell.column] = cell }
    guard !starts.isEmpty else { return filled }
    active.removeAll { $0.merged.rows.upperBound < row.number }
    while let first = waiting.last, first <= row.number {
      waiting.removeLast()
      guard first == row.number else { continue }
      active += (starts[first] ?? []).map { ($0, filled.cells[$0.column]) }
    }
    for (merged, cell) in active where merged.rows.lowerBound < row.number {
      guard filled.cells[merged.column] == nil, let cell else { continue }
      filled.cells[merged.column] = cell
      filled.inherited.insert(merged.column)
    }
    return filled
  }
}
