internal import Causality
internal import Records
package import Replica
package import Sheets
internal import Wording

/// How a sheet of plan items is to be read.
package struct PlanImport: Sendable {
  /// Whose plan it is, whatever the sheet's column says; nil to go by the column.
  package var place: Place?
  /// Makes the rows a recommendation for this week.
  package var week: ISOWeek?
  /// In which month all rows are; it tells the year of days that do not.
  package var month: Month?
  /// Which sheet of a workbook.
  package var sheet = RowReader.Choice.first
  /// Which channel of a guide, by its id or its name; nil if it has only one.
  package var channel: String?
  /// In what zone a guide's times without an offset are; nil for the tree's.
  package var zone: TimeZoneOffset?
  package var badRows: BadRows

  package init(
    for place: Place? = nil, week: ISOWeek? = nil, badRows: BadRows = .refuseSheet
  ) {
    self.place = place
    self.week = week
    self.badRows = badRows
  }
}

extension PlanBook {
  /// Takes a sheet of plan items. New rows become drafts; of rows that were imported before, what
  /// changed in the sheet since is edited, and nothing else.
  ///
  /// Throws `rows_refused`, `no_rows`, `unknown_station`, `several_stations`, `place_missing`,
  /// `not_owner`, and what `RowReader` throws. Memory grows with the sheet.
  package static func importSheet(
    _ path: String, _ order: PlanImport, _ store: Store,
    progress: @escaping ImportProgress = { _ in }
  ) throws -> SheetReport {
    var report = SheetReport()
    var reading = try PlanReading(order, store)
    try reading.read(path, &report, progress)
    try reading.finder.check(order.badRows, report)
    try report.check(order.badRows)
    return try write(reading.groups, report, store, progress)
  }

  /// Brings the rows into the plans, the second half of an import.
  ///
  /// Throws `no_rows` if the sheet had none.
  static func write(
    _ groups: [(partition: PartitionID, rows: [PlanRow])], _ report: SheetReport, _ store: Store,
    _ progress: @escaping ImportProgress
  ) throws -> SheetReport {
    guard report.read > 0 else {
      throw VillageError(
        .noRows, "there is nothing below the names of the columns",
        hint: "fill the sheet in and save it, or check that it is the right file")
    }
    var writer = PlanWriter(programmes: try Programmes.byCode(store), store: store, report: report)
    let total = Double(max(groups.reduce(0) { $0 + $1.rows.count }, 1))
    var done = 0.0
    for group in groups {
      try writer.take(group.rows, into: group.partition) {
        done += 1
        if Int(done) % 256 == 0 { progress(0.5 + 0.5 * done / total) }
      }
    }
    progress(1)
    return writer.report
  }
}

/// The rows of a sheet by the partition that they are for.
private struct PlanReading {
  private let order: PlanImport
  private let store: Store
  /// In the order of the sheet.
  private(set) var groups: [(partition: PartitionID, rows: [PlanRow])] = []
  private(set) var finder: StationFinder
  private var oneStation: OneStation
  private var groupNumbers: [PlaceID: Int] = [:]
  private var ids: [Set<String>] = []

  init(_ order: PlanImport, _ store: Store) throws {
    self.order = order
    self.store = store
    finder = StationFinder(store)
    oneStation = OneStation(store)
    if let place = order.place { _ = try group(of: place.id) }
  }

  mutating func read(
    _ path: String, _ report: inout SheetReport, _ progress: @escaping ImportProgress
  ) throws {
    var walk = try SheetWalk(
      path, SheetNames.plan(week: order.week), sheet: order.sheet, share: 0...0.5,
      progress: progress)
    walk.warnOfIgnored(&report)
    let columns = PlanRow.Columns(walk.header)
    let reading = PlanRow.Reading(
      columns: columns, week: order.week, month: order.month,
      hints: DateHints(titles: walk.titles, month: order.month, week: order.week),
      titles: columns.column(.programme) == nil ? try TitleFinder(store) : nil)
    if columns.station == nil, order.place == nil, store.identity.role == .hub {
      throw VillageError(
        .placeMissing, "the sheet has no column station",
        hint: "say with --for CODE whose plan it is")
    }
    while let row = try walk.next(&report) {
      do {
        let number = try group(of: try place(row, columns))
        let parsed = try PlanRow(row, reading)
        try checkID(parsed, row, columns, number)
        groups[number].rows.append(parsed)
      } catch let error as VillageError {
        // What is wrong with the sheet as a whole is not a matter of one row.
        if error == VillageError(.severalStations, "") { throw error }
        report.refuse(error, line: row.line)
      }
    }
  }

  private mutating func place(_ row: SheetRow, _ columns: PlanRow.Columns) throws -> PlaceID {
    let cell = row.word(columns.station)
    do {
      if let place = order.place {
        if let cell { try oneStation.check(cell) }
        return place.id
      }
      if let cell { return try finder.place(cell) }
      if store.identity.role == .station { return store.identity.place }
      throw VillageError(
        .placeMissing, "the row does not say whose it is",
        hint: "name the station, or say with --for CODE whose plan the sheet is")
    } catch let error as VillageError { throw row.placed(error, columns.station) }
  }

  private mutating func group(of place: PlaceID) throws -> Int {
    if let known = groupNumbers[place] { return known }
    let partition = try Ownership.planPartition(of: place, store)
    groupNumbers[place] = groups.count
    groups.append((partition, []))
    ids.append([])
    return groups.count - 1
  }

  private mutating func checkID(
    _ parsed: PlanRow, _ row: SheetRow, _ columns: PlanRow.Columns, _ group: Int
  ) throws(VillageError) {
    guard let id = parsed.sheetID, !ids[group].insert(id).inserted else { return }
    throw row.placed(
      VillageError(
        .duplicateRow, "the id \(CellText.shown(id)) stands in the sheet twice",
        hint: "give each row an id of its own, or none"), columns.id)
  }
}
