internal import Sheets
internal import Wording

/// What to do with a sheet that has bad rows.
package enum BadRows: Sendable {
  /// Nothing of it is taken.
  case refuseSheet
  /// The good rows are taken.
  case leaveOut
}

/// Called now and then with how much of an import is done, from 0 to 1.
package typealias ImportProgress = (Double) -> Void

/// Walks the rows of a sheet. Rows that cannot be read are put down in the report and passed over.
struct SheetWalk: ~Copyable {
  var header: SheetHeader { reader.header }
  /// What stands above the columns' names.
  var titles: [String] { reader.titles }
  private var reader: RowReader
  /// Columns of which no character may change.
  private let codes: [SheetColumn]
  private let share: ClosedRange<Double>
  private let progress: ImportProgress
  private var bytesTold = 0

  private static let bytesBetweenTellings = 1 << 17

  /// `share` is the part of the whole import that this walk is.
  init(
    _ path: String, _ wants: SheetWants, sheet: RowReader.Choice = .first,
    share: ClosedRange<Double> = 0...1, progress: @escaping ImportProgress
  ) throws(SheetError) {
    reader = try RowReader(path: path, wants, sheet: sheet)
    codes = reader.header.found.filter { $0.kind == .code }
    self.share = share
    self.progress = progress
  }

  /// Warns of columns that nobody asked for: a misspelt name would go unnoticed otherwise.
  func warnOfIgnored(_ report: inout SheetReport) {
    guard !header.ignored.isEmpty else { return }
    report.warn(
      reader.headerLine, "these columns are not used: \(Message.list(header.ignored))")
  }

  mutating func next(_ report: inout SheetReport) throws(SheetError) -> SheetRow? {
    while let item = try reader.next() {
      report.read += 1
      tell()
      switch item {
      case .row(let row):
        warnOfMangled(row, &report)
        return row
      case .refused(let error): report.refuse(error, line: error.line ?? 0)
      }
    }
    for note in reader.takeNotes() { report.warn(note.line, note.what) }
    progress(share.upperBound)
    return nil
  }

  private func warnOfMangled(_ row: SheetRow, _ report: inout SheetReport) {
    for column in codes where row.looksMangled(column) {
      report.warn(
        row.line,
        "\(column.name) is “\(CellText.shown(row[column]))”: if that was a code such as 1-2, a "
          + "spreadsheet changed it; format the column as text and type it again")
    }
  }

  private mutating func tell() {
    guard reader.bytesRead - bytesTold >= Self.bytesBetweenTellings else { return }
    bytesTold = reader.bytesRead
    let part = Double(bytesTold) / Double(max(reader.bytesTotal, 1))
    progress(share.lowerBound + part * (share.upperBound - share.lowerBound))
  }
}

extension SheetReport {
  mutating func refuse(_ error: SheetError, line: Int) {
    refuse(
      Refusal(
        line: error.line ?? line, column: error.column, code: error.code.rawValue,
        why: error.why, advice: error.advice))
  }

  mutating func refuse(_ error: VillageError, line: Int) {
    refuse(
      Refusal(
        line: error.line ?? line, column: error.column, code: error.code.rawValue,
        why: error.why, advice: error.advice))
  }

  /// Throws `rows_refused` if rows were refused and the whole sheet is to be refused for it.
  func check(_ badRows: BadRows) throws(VillageError) {
    guard badRows == .refuseSheet, let first = refused.first else { return }
    let place: Message =
      first.column.map { "line \(first.line), column \($0)" } ?? "line \(first.line)"
    let count: Message =
      refusedCount == 1
      ? "1 row is bad, so nothing was imported"
      : "\(refusedCount) rows are bad, so nothing was imported"
    var error = VillageError(
      .rowsRefused, "\(count); \(place): \(first.why)",
      hint: "mend the sheet, or take the good rows with --partial",
      line: first.line, column: first.column)
    error.report = self
    throw error
  }
}
