internal import Records

/// What a row of a sheet says, field by field. Kept beside the row's id when it is imported, so that
/// the next import knows what changed in the sheet, whatever became of the item meanwhile.
struct PlanCells: Equatable {
  let period: String
  private var said: [PlanField: Value]

  init(period: Period, said: [PlanField: Value]) {
    self.period = period.description
    self.said = said
  }

  subscript(field: PlanField) -> Value? { said[field] }

  /// These cells, and for what they do not say those before.
  func over(_ before: PlanCells?) -> PlanCells {
    var cells = self
    for field in PlanField.allCases where cells.said[field] == nil {
      cells.said[field] = before?[field]
    }
    return cells
  }

  // MARK: Bytes

  var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.block(period.utf8)
    for field in PlanField.allCases { writer.block(said[field]?.bytes ?? []) }
    return writer.bytes
  }

  /// Nil if `bytes` are not what `bytes` gave.
  init?(_ bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    do {
      period = String(decoding: try reader.block(), as: UTF8.self)
      said = [:]
      for field in PlanField.allCases where !reader.isAtEnd {
        let value = Array(try reader.block())
        if !value.isEmpty { said[field] = Value(bytes: value) }
      }
    } catch { return nil }
  }
}
