internal import Causality
internal import Records
internal import Sheets
internal import Wording

/// A row of a sheet of plan items that has no fault in itself.
struct PlanRow {
  let line: Int
  /// The sheet's own id, if the row has one.
  let sheetID: String?
  let period: Period
  let cells: PlanCells
  /// How the sheet names the programme: by its code, or else by its title. It stays the same when
  /// the catalogue learns the title's code.
  private let naming: Value

  /// What the row says of a field; nil if the sheet lacks the column, or if the cell is empty and
  /// the catalogue speaks for it.
  subscript(field: PlanField) -> Value? { cells[field] }

  /// What tells the row from others where ids do not.
  var naturalKey: NaturalKey {
    NaturalKey(period: period, parts: PlanField.natural.map { cells[$0] ?? .null })
  }

  /// The same with the sheet's own words: by it the row is known in a later sheet.
  var ownKey: NaturalKey {
    NaturalKey(
      period: period,
      parts: PlanField.natural.map { $0 == .programme ? naming : cells[$0] ?? .null })
  }

  struct NaturalKey: Hashable {
    let period: Period?
    let parts: [Value]
  }

  // MARK: Reading

  /// The columns of one sheet.
  struct Columns {
    let id: SheetColumn?
    let station: SheetColumn?
    let fields: [(field: PlanField, column: SheetColumn)]

    init(_ header: SheetHeader) {
      id = header.optional("id")
      station = header.optional("station")
      fields = PlanField.allCases.compactMap { field in
        header.optional(field.rawValue).map { (field, $0) }
      }
    }

    func column(_ field: PlanField) -> SheetColumn? { fields.first { $0.field == field }?.column }
  }

  /// What the cells of a sheet are read by.
  struct Reading {
    let columns: Columns
    let week: ISOWeek?
    let month: Month?
    let hints: DateHints
    /// Where the sheet has no column with codes.
    let titles: TitleFinder?
  }

  /// Throws `bad_date`, `bad_time` or `bad_value`, with line and column.
  init(_ row: SheetRow, _ reading: Reading) throws(VillageError) {
    let columns = reading.columns
    var said: [PlanField: Value] = [:]
    for each in columns.fields {
      let value = try row.cell(each.column) { text throws(VillageError) in
        try each.field.value(text, in: each.column, reading.hints)
      }
      if value == .null, PlanField.catalogued.contains(each.field) { continue }
      said[each.field] = value
    }
    if let titles = reading.titles {
      do { said[.programme] = try Self.code(of: said[.title], titles) } catch {
        throw row.placed(error, columns.column(.title))
      }
    }
    let date = said[.date]?.text.flatMap { CivilDate($0) }
    let period: Period
    do { period = try Self.period(date, week: reading.week, month: reading.month) } catch {
      throw row.placed(error, columns.column(.date))
    }
    self.init(
      line: row.line, sheetID: row.word(columns.id), cells: PlanCells(period: period, said: said),
      period, naming: reading.titles == nil ? nil : said[.title])
  }

  /// A row of a sheet, or of a guide.
  init(line: Int, sheetID: String?, cells: PlanCells, _ period: Period, naming: Value? = nil) {
    self.line = line
    self.sheetID = sheetID
    self.cells = cells
    self.period = period
    self.naming = naming ?? cells[.programme] ?? .null
  }

  private static func code(of title: Value?, _ titles: TitleFinder) throws(VillageError) -> Value {
    guard let title = title?.text, !title.isEmpty else {
      throw VillageError(.badValue, "there is no programme", hint: "give its title, or its code")
    }
    return .text(titles.code(title))
  }

  /// The plan that an item of this day belongs to.
  ///
  /// Throws `bad_date`.
  static func period(
    _ date: CivilDate?, week: ISOWeek?, month wanted: Month?
  ) throws(VillageError) -> Period {
    guard let week else {
      guard let date else {
        throw VillageError(
          .badDate, "there is no date",
          hint: "only a week recommendation (--week) may have undated items")
      }
      let month = Month(of: date)
      guard wanted == nil || wanted == month else {
        throw VillageError(
          .badDate, "\(date) does not lie in the month that was given",
          hint: "check the date, or leave --month out")
      }
      return .month(month)
    }
    if let date, !week.contains(date) {
      throw VillageError(
        .badDate, "\(date) does not lie in the week \(week)",
        hint: "its days are \(week.monday) to \(CivilDate(days: week.monday.days + 6))")
    }
    return .week(week)
  }

  // MARK: Ids that are made up

  /// No id of a sheet begins so: ids are trimmed.
  private static let mark = "\n"

  /// Under what a row without an id is remembered: its natural key and its number among equals.
  static func madeUpID(_ key: NaturalKey, number: Int) -> String {
    mark
      + ([key.period?.description ?? ""] + key.parts.map { $0.text ?? "" } + ["\(number)"])
      .joined(separator: mark)
  }

  static func isMadeUp(_ sheetID: String) -> Bool { sheetID.hasPrefix(mark) }
}
