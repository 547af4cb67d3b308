// A CSV file, row by row, in bounded memory: two buffers and one row.
//
// Two kinds of fault are kept apart by their types. A row that is whole and has the wrong number of
// fields is an item like any other, `.refused`, and the next row can be read. After any other fault
// nobody can know where a row begins, or which bytes are text: `next` throws, and throws the same
// again for ever.

/// Reads the rows of a CSV file.
///
///     var reader = try CSVReader(path: path)
///     let header = try SheetHeader(reader.header, required: ["station", "programme"])
///     let station = header.required("station")
///     while let item = try reader.next() {
///       switch item {
///       case .row(let row): use(row[station])
///       case .refused(let error): report(error)
///       }
///     }
package struct CSVReader: ~Copyable {
  /// The row with the names of the columns. Later rows have as many fields.
  package let header: SheetRow
  /// What stands above it.
  let titles: [String]
  private var rows: CSVRows
  private var failure: SheetError?

  /// Opens the file, reads all of it once to decide its encoding, and reads the first row, which is
  /// the header.
  ///
  /// Throws any code of a CSV file but those of `SheetHeader`.
  package init(path: String, limits: SheetLimits = SheetLimits()) throws(SheetError) {
    try self.init(path: path, limits: limits, chunkBytes: 64 << 10)
  }

  /// The same, but the header is where `HeaderSearch` finds it.
  init(path: String, _ wants: SheetWants) throws(SheetError) {
    try self.init(path: path, limits: SheetLimits(), chunkBytes: 64 << 10, wants)
  }

  /// For tests, which try how small a chunk may be: four bytes.
  init(
    path: String, limits: SheetLimits, chunkBytes: Int, _ wants: SheetWants? = nil
  ) throws(SheetError) {
    var rows = CSVRows(
      try TextSource(path: path, chunkBytes: chunkBytes, lineBytesMax: limits.rowBytesMax), limits)
    guard try rows.advance() else { throw .empty() }
    (header, titles) = try rows.header(wants)
    self.rows = rows
  }

  /// How the file's bytes are read, for a line that says so: a guess, though a good one.
  package var encoding: TextEncoding { rows.source.encoding }

  /// For a progress bar. Of the second pass: the first is over when `init` returns.
  package var bytesRead: Int { rows.source.bytesRead }
  package var bytesTotal: Int { rows.source.bytesTotal }

  /// The next row; nil when there are no more. Rows without any text are passed over.
  ///
  /// Throws what ends the file: `csv_quote`, `csv_row_too_long`, `csv_field_too_long`,
  /// `csv_changed` or `csv_unreadable`.
  package mutating func next() throws(SheetError) -> SheetItem? {
    if let failure { throw failure }
    do throws(SheetError) {
      guard try rows.advance() else { return nil }
    } catch {
      failure = error
      throw error
    }
    let row = rows.row
    guard rows.fieldCount == header.count else {
      return .refused(.columns(rows.fieldCount, expected: header.count, line: row.line))
    }
    return .row(row)
  }
}

/// The rows of a text that are not blank, whatever their number of fields.
private struct CSVRows: ~Copyable {
  private(set) var source: TextSource
  private var scanner: CSVScanner

  init(_ source: consuming TextSource, _ limits: SheetLimits) {
    self.source = source
    scanner = CSVScanner(limits: limits)
  }

  var row: SheetRow { scanner.row }
  var fieldCount: Int { scanner.fieldCount }

  /// Goes on to the next row; false when there is none.
  mutating func advance() throws(SheetError) -> Bool {
    repeat {
      scanner.startRow()
      guard try scan() else { return false }
    } while scanner.isBlank
    return true
  }

  /// The header, from this row on, and what stands above it.
  ///
  /// Throws `csv_columns` for a header that has too many.
  mutating func header(_ wants: SheetWants?) throws(SheetError) -> (SheetRow, titles: [String]) {
    let first = row
    let columnsMax = scanner.limits.columnsMax
    guard fieldCount <= columnsMax else {
      throw .tooManyColumns(fieldCount, columnsMax: columnsMax, line: first.line)
    }
    guard let wants else { return (first, []) }
    var search = HeaderSearch(wants)
    search.offer(first)
    do throws(SheetError) {
      while !search.isOver, try advance() {
        if fieldCount <= columnsMax { search.offer(row) }
      }
    } catch {
      // That there is no header is what a person must hear of first.
    }
    return (search.best ?? first, search.titles)
  }

  private mutating func scan() throws(SheetError) -> Bool {
    while try !source.feed(&scanner) {
      guard try source.refill() else { return try scanner.finish() }
    }
    return true
  }
}
