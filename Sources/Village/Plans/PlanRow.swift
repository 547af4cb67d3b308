internal import Causality
internal import Records
internal import Sheets

/// A row of a sheet of plan items that has no fault in itself.
struct PlanRow {
  let line: Int
  /// The sheet's own id, if the row has one.
  let sheetID: String?
  let period: Period
  let cells: PlanCells

  /// What the row says of a field; nil if the sheet lacks the column, or if the cell is empty and
  /// the catalogue speaks for it.
  subscript(field: PlanField) -> Value? { cells[field] }

  /// What tells the row from others where ids do not.
  var naturalKey: NaturalKey {
    NaturalKey(period: period, parts: PlanField.natural.map { cells[$0] ?? .null })
  }

  struct NaturalKey: Hashable {
    let period: Period?
    let parts: [Value]
  }

  // MARK: Reading

  /// The columns of one sheet.
  struct Columns {
    static let optional = ["id", "station"] + PlanField.allCases.map(\.rawValue)

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

  /// Which columns a sheet must have: a recommendation may say no more than what to play.
  static func required(week: ISOWeek?) -> [String] {
    week == nil ? ["date", "start", "programme"] : ["programme"]
  }

  /// Throws `bad_date`, `bad_time` or `bad_value`, with line and column.
  init(_ row: SheetRow, _ columns: Columns, week: ISOWeek?) throws(VillageError) {
    var said: [PlanField: Value] = [:]
    for each in columns.fields {
      let value = try row.cell(each.column) { text throws(VillageError) in
        try each.field.value(text)
      }
      if value == .null, PlanField.catalogued.contains(each.field) { continue }
      said[each.field] = value
    }
    line = row.line
    sheetID = row.word(columns.id)
    let date = said[.date]?.text.flatMap { CivilDate($0) }
    do { period = try Self.period(date, week: week) } catch {
      throw row.placed(error, columns.column(.date))
    }
    cells = PlanCells(period: period, said: said)
  }

  private static func period(_ date: CivilDate?, week: ISOWeek?) throws(VillageError) -> Period {
    guard let week else {
      guard let date else {
        throw VillageError(
          .badDate, "there is no date",
          hint: "only a week recommendation (--week) may have undated items")
      }
      return .month(Month(of: date))
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
