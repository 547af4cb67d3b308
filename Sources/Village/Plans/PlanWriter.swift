internal import Causality
internal import Records
internal import Replica
internal import Wording

/// Brings the rows of a sheet into plans, partition by partition.
struct PlanWriter {
  private let programmes: [String: ProgrammeView]
  private let store: Store
  private(set) var report: SheetReport
  /// What was warned of, so that a title is complained about once.
  private var warned: Set<[String]> = []

  init(programmes: [String: ProgrammeView], store: Store, report: SheetReport) {
    self.programmes = programmes
    self.store = store
    self.report = report
  }

  /// `tick` is called after each row.
  mutating func take(
    _ rows: [PlanRow], into partition: PartitionID, tick: () -> Void
  ) throws {
    guard !rows.isEmpty else { return }
    var shelf = try PlanShelf(partition, store)
    var matcher = try PlanMatcher(partition, store)
    let matches = matcher.match(rows, shelf)
    report.missing += matcher.missing(from: Set(rows.map(\.period)), shelf)
    for index in rows.indices {
      let row = rows[index]
      let id = matches[index].id
      warnOfTitle(row)
      switch matches[index].match {
      case .new: try add(row, id, &shelf)
      case .item(let trace, let cells): try edit(trace, row, id, since: cells, &shelf)
      case .movedItem(let trace):
        report.warn(
          row.line,
          "taken for the item \(trace.view.id), which was moved since; it was left as it is")
        report.unchanged += 1
        try remember(row, id, trace.view.id, in: partition, since: nil)
      }
      tick()
    }
  }

  private mutating func add(_ row: PlanRow, _ id: String, _ shelf: inout PlanShelf) throws {
    var values = [("plan", Value.dot(try shelf.plan(for: row.period, store)))]
    let programme = row[.programme]?.text.flatMap { programmes[$0] }
    for field in PlanField.allCases {
      let value = row[field] ?? field.value(programme)
      if !value.isNull { values.append((field.rawValue, value)) }
    }
    let dot = try store.create(Village.planItem, in: shelf.partition, values)
    try remember(row, id, dot, in: shelf.partition, since: nil)
    report.added += 1
  }

  private mutating func edit(
    _ trace: RecordTrace, _ row: PlanRow, _ id: String, since cells: PlanCells?,
    _ shelf: inout PlanShelf
  ) throws {
    let item = trace.view
    var changes = changes(to: trace, by: row, since: cells)
    if cells.map({ $0.period != row.period.description }) ?? false,
      shelf.period(of: item) != row.period
    {
      changes.append(("plan", .dot(try shelf.plan(for: row.period, store))))
    }
    if item.isDeleted, cells == nil || !changes.isEmpty {
      report.warn(row.line, "the item was cancelled earlier, and stays so")
      changes = []
    }
    if changes.isEmpty {
      report.unchanged += 1
    } else {
      try PlanRewrite.note(.changed, item, changes, store)
      try store.update(Village.planItem, item.id, in: item.partition, changes)
      report.changed += 1
    }
    try remember(row, id, item.id, in: item.partition, since: cells)
  }

  /// The fields that changed in the sheet. Where it is not known what the sheet said before, a
  /// difference in a field that nobody has edited must come from the sheet; in another field it is
  /// a person's edit, and stands.
  private mutating func changes(
    to trace: RecordTrace, by row: PlanRow, since cells: PlanCells?
  ) -> [(name: String, value: Value)] {
    var changes: [(name: String, value: Value)] = []
    var kept: [String] = []
    for field in PlanField.allCases {
      let name = field.rawValue
      guard let value = row[field], value != trace.view.values[name] ?? .null else { continue }
      if let before = cells?[field] {
        if before != value { changes.append((name, value)) }
      } else if trace.edited.contains(name) {
        kept.append(name)
      } else if !(field == .required && value == .integer(0)) {
        changes.append((name, value))
      }
    }
    if !kept.isEmpty, !trace.view.isDeleted {
      report.warn(
        row.line,
        "the item was edited since (\(Message.list(kept.map { Message(told: $0) }))), and keeps what it has"
      )
    }
    return changes
  }

  private func remember(
    _ row: PlanRow, _ id: String, _ dot: Dot, in partition: PartitionID, since before: PlanCells?
  ) throws {
    let cells = row.cells.over(before)
    guard cells != before else { return }
    try store.setImported(
      PlanBook.itemCollection, in: partition, sheetID: id,
      ImportedRow(dot: dot, cells: cells.bytes))
  }

  private mutating func warnOfTitle(_ row: PlanRow) {
    guard let code = row[.programme]?.text, let title = row[.title]?.text,
      let known = programmes[code]?.title, Value.text(known) != .text(title),
      warned.insert([code, title]).inserted
    else { return }
    report.warn(
      row.line,
      "programme \(CellText.shown(code)) is known as “\(CellText.shown(known))”, not as "
        + "“\(CellText.shown(title))”; the item says what the sheet says, nothing was renamed")
  }
}
