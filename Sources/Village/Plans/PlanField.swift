internal import Records
internal import Sheets
internal import Wording

/// What a sheet or a person may say of a plan item. The raw value is the column's name in sheets
/// and the field's name in the record.
package enum PlanField: String, CaseIterable, Sendable {
  case date
  case start
  case programme
  case title
  case category
  case seconds
  case required
  case note

  /// What tells one slot of a plan from another where ids do not.
  static let natural: [PlanField] = [.date, .start, .programme]
  /// What the catalogue tells of a programme.
  static let catalogued: [PlanField] = [.title, .category, .seconds]

  /// A text of a person as the field's value; an empty one clears the field.
  ///
  /// Throws `bad_date`, `bad_time` or `bad_value`.
  func value(_ text: String) throws(VillageError) -> Value {
    let word = CellText.trimmed(text)
    switch self {
    case .date:
      if word.isEmpty { return .null }
      return .text(try CivilDate(told: word).description)
    case .start:
      if word.isEmpty { return .null }
      guard let time = ClockTime(word) else {
        throw VillageError(
          .badTime, "“\(CellText.shown(word))” is no time of day", hint: "write times as 09:30")
      }
      return .text(time.description)
    case .programme:
      guard !word.isEmpty else {
        throw VillageError(.badValue, "there is no programme", hint: "give its code")
      }
      return .text(word)
    case .title, .category: return CellText.value(word)
    case .seconds: return try CellText.count(text, of: rawValue).map { .integer($0) } ?? .null
    case .required: return .integer(try CellText.flag(text, of: rawValue) ? 1 : 0)
    case .note: return word.isEmpty ? .null : .text(text)
    }
  }

  /// A cell of a sheet as the field's value: what people and spreadsheets write counts too.
  ///
  /// Throws `bad_date`, `bad_time` or `bad_value`.
  func value(
    _ text: String, in column: SheetColumn, _ hints: DateHints
  ) throws(VillageError) -> Value {
    switch self {
    case .date: try CellText.date(text, hints).map { .text($0.description) } ?? .null
    case .start: try CellText.time(text).map { .text($0.description) } ?? .null
    case .seconds:
      try CellText.duration(text, in: column.unit, of: rawValue).map { .integer($0) } ?? .null
    default: try value(text)
    }
  }

  /// What the catalogue says, or null.
  func value(_ programme: ProgrammeView?) -> Value {
    switch self {
    case .title: programme?.title.map { .text($0) } ?? .null
    case .category: programme?.category.map { .text($0) } ?? .null
    case .seconds: programme?.seconds.map { .integer($0) } ?? .null
    case .date, .start, .programme, .required, .note: .null
    }
  }
}
