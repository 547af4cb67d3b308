internal import Causality
internal import Records
internal import Sheets

/// A row of a sheet of plan items that has no fault in itself.
struct PlanRow {
  let line: Int
  /// The sheet's own id, if the row has one.
  let sheetID: String?
  let period: Period
  private let values: [PlanField: Value]

  /// What the row says of a field; nil if the sheet lacks the column, or if the cell is empty and
  /// the catalogue speaks for it.
  subscript(field: PlanField) -> Value? { values[field] }

  /// What tells the row from others where ids do not.
  var naturalKey: NaturalKey {
    NaturalKey(period: period, values: PlanField.natural.map { values[$0] ?? .null })
  }

  struct NaturalKey: Hashable {
    let period: Period?
    let values: [Value]
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
    var values: [PlanField: Value] = [:]
    for (field, column) in columns.fields {
      let value = try row.cell(column) { text throws(VillageError) in try field.value(text) }
      if value == .null, PlanField.catalogued.contains(field) { continue }
      values[field] = value
    }
    line = row.line
    sheetID = row.word(columns.id)
    let date = values[.date]?.text.flatMap { CivilDate($0) }
    do { period = try Self.period(date, week: week) } catch {
      throw row.placed(error, columns.column(.date))
    }
    self.values = values
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

  /// No sheet has such a character in an id: a cell's text is trimmed of it.
  private static let mark = "\u{1F}"

  /// Under what a row without an id is remembered: its natural key and its number among equals.
  static func madeUpID(_ key: NaturalKey, number: Int) -> String {
    mark + ([key.period?.description ?? ""] + key.values.map { $0.text ?? "" } + ["\(number)"])
      .joined(separator: mark)
  }

  static func isMadeUp(_ sheetID: String) -> Bool { sheetID.hasPrefix(mark) }

  // MARK: Memory

  /// What the row says, to be kept beside its id.
  var cells: PlanCells { PlanCells(period: period, values: values) }
}

/// What a row said when it was imported last, so that the next import knows what changed in the
/// sheet, whatever became of the item meanwhile.
struct PlanCells: Equatable {
  private(set) var values: [PlanField: Value]
  let period: String

  init(period: Period, values: [PlanField: Value]) {
    self.period = period.description
    self.values = values
  }

  subscript(field: PlanField) -> Value? { values[field] }

  /// These cells, and for what they do not say those before.
  func over(_ before: PlanCells?) -> PlanCells {
    var cells = self
    for field in PlanField.allCases where cells.values[field] == nil {
      cells.values[field] = before?[field]
    }
    return cells
  }

  var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.block(period.utf8)
    for field in PlanField.allCases { writer.block(values[field]?.bytes ?? []) }
    return writer.bytes
  }

  /// Nil if `bytes` are not what `bytes` gave.
  init?(_ bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    do {
      period = String(decoding: try reader.block(), as: UTF8.self)
      values = [:]
      for field in PlanField.allCases where !reader.isAtEnd {
        let value = Array(try reader.block())
        if !value.isEmpty { values[field] = Value(bytes: value) }
      }
    } catch { return nil }
  }
}
