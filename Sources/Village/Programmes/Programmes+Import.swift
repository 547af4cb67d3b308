internal import Causality
internal import Records
package import Replica
internal import Sheets
internal import Wording

extension Programmes {
  /// Takes a sheet of programmes with the columns programme, title, category and seconds into the
  /// catalogue of `place`. Matched by code; a row that says something else than the catalogue
  /// edits the programme, in the fields that differ.
  ///
  /// Throws `not_owner`, `rows_refused` and what `RowReader` throws.
  package static func importSheet(
    _ path: String, for place: Place, _ badRows: BadRows, _ store: Store,
    progress: @escaping ImportProgress = { _ in }
  ) throws -> SheetReport {
    let partition = PartitionID(place.id, .public)
    try Ownership.check(partition, store, "the catalogue")
    var report = SheetReport()
    let rows = try read(path, &report, progress)
    try report.check(badRows)
    let known = Dictionary(
      try store.records(Village.programme, in: partition).sorted { $0.id < $1.id }
        .compactMap { record in record.text("code").map { ($0, record) } },
      uniquingKeysWith: { first, _ in first })
    for row in rows { try take(row, known[row.code], partition, store, &report) }
    return report
  }

  private struct Row {
    let code: String
    let fields: [(name: String, value: Value)]
  }

  private static func read(
    _ path: String, _ report: inout SheetReport, _ progress: @escaping ImportProgress
  ) throws -> [Row] {
    var walk = try SheetWalk(path, SheetNames.programmes, progress: progress)
    walk.warnOfIgnored(&report)
    var rows: [Row] = []
    var seen: Set<String> = []
    while let row = try walk.next(&report) {
      do {
        let parsed = try parse(row, walk.header)
        guard seen.insert(parsed.code).inserted else {
          throw row.placed(
            VillageError(
              .duplicateRow, "programme \(CellText.shown(parsed.code)) stands in the sheet twice",
              hint: "keep one of the rows"), walk.header.required("programme"))
        }
        rows.append(parsed)
      } catch let error as VillageError { report.refuse(error, line: row.line) }
    }
    return rows
  }

  private static func parse(
    _ row: SheetRow, _ header: SheetHeader
  ) throws(VillageError) -> Row {
    let column = header.required("programme")
    guard let code = row.word(column) else {
      throw row.placed(
        VillageError(.badValue, "the row has no programme", hint: "give its code"), column)
    }
    var values: [(name: String, value: Value)] = []
    for name in ["title", "category", "seconds"] {
      let cell = header.optional(name)
      let value = try row.cell(cell) { text throws(VillageError) in
        if name == "seconds" {
          return try CellText.duration(text, in: cell?.unit ?? .plain, of: name)
            .map { Value.integer($0) } ?? .null
        }
        return CellText.value(CellText.trimmed(text))
      }
      if let value { values.append((name, value)) }
    }
    return Row(code: code, fields: values)
  }

  private static func take(
    _ row: Row, _ known: RecordView?, _ partition: PartitionID, _ store: Store,
    _ report: inout SheetReport
  ) throws {
    guard let known else {
      let values = row.fields.filter { !$0.value.isNull }
      _ = try store.create(
        Village.programme, in: partition, [("code", .text(row.code))] + values)
      report.added += 1
      return
    }
    let changed = row.fields.filter { $0.value != known.values[$0.name] ?? .null }
    if changed.isEmpty {
      report.unchanged += 1
    } else {
      try store.update(Village.programme, known.id, in: partition, changed)
      report.changed += 1
    }
  }
}
