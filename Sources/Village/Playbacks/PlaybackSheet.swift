internal import Causality
internal import Records
internal import Replica
internal import Sheets
internal import Wording

/// A row of a sheet of playbacks that has no fault in itself.
struct PlaybackRow {
  let line: Int
  let sheetID: String?
  let facts: PlaybackFacts
  let key: ChainValue
}

/// A sheet of playbacks, to be walked once or twice.
struct PlaybackSheet {
  let path: String
  let zone: TimeZoneOffset
  /// At a hub; at a station every row is its own, whatever its column says.
  let isOfOneStation: Bool

  func walk(
    _ store: Store, _ report: inout SheetReport, share: ClosedRange<Double>,
    _ progress: @escaping ImportProgress,
    _ body: (PlaybackRow, inout SheetReport) throws -> Void
  ) throws {
    var walk = try SheetWalk(path, SheetNames.playbacks, share: share, progress: progress)
    walk.warnOfIgnored(&report)
    let columns = Columns(walk.header)
    let reading = Reading(
      columns: columns, hints: DateHints(titles: walk.titles),
      titles: columns.programme == nil ? try TitleFinder(store) : nil)
    var oneStation = OneStation(store)
    var ids: Set<ChainValue> = []
    while let row = try walk.next(&report) {
      if isOfOneStation, let cell = row.word(columns.station) {
        do { try oneStation.check(cell) } catch let error as VillageError {
          throw row.placed(error, columns.station)
        }
      }
      let parsed: PlaybackRow
      do throws(VillageError) {
        parsed = try parse(row, reading)
        try check(parsed.sheetID, &ids, row, columns)
      } catch {
        report.refuse(error, line: row.line)
        continue
      }
      try body(parsed, &report)
    }
  }

  private struct Columns {
    let id, station, ended, audience: SheetColumn?
    let operatorName, occasion, outcome, note: SheetColumn?
    let programme, title: SheetColumn?
    let started: SheetColumn

    init(_ header: SheetHeader) {
      id = header.optional("id")
      station = header.optional("station")
      programme = header.optional("programme")
      title = header.optional("title")
      started = header.required("started_at")
      ended = header.optional("ended_at")
      audience = header.optional("audience")
      operatorName = header.optional("operator")
      occasion = header.optional("occasion")
      outcome = header.optional("outcome")
      note = header.optional("note")
    }
  }

  /// What the cells of one sheet are read by.
  private struct Reading {
    let columns: Columns
    let hints: DateHints
    /// Where the sheet has no column with codes.
    let titles: TitleFinder?
  }

  private func parse(_ row: SheetRow, _ reading: Reading) throws(VillageError) -> PlaybackRow {
    let columns = reading.columns
    var facts = PlaybackFacts(programme: "", started: Instant(seconds: 0))
    func set(_ field: PlaybackField, _ column: SheetColumn?) throws(VillageError) {
      guard let column else { return }
      var text = row.meaning(column)
      if column.kind == .instant { text = CellText.instant(text, reading.hints) }
      if field == .programme, let titles = reading.titles { text = titles.code(text) }
      do { try facts.set(field, text, zone: zone) } catch { throw row.placed(error, column) }
    }
    facts.clock = ClockConfidence.trusted.rawValue
    try set(.programme, columns.programme ?? columns.title)
    try set(.startedAt, columns.started)
    try set(.endedAt, columns.ended)
    try set(.audience, columns.audience)
    try set(.operator, columns.operatorName)
    try set(.occasion, columns.occasion)
    try set(.outcome, columns.outcome)
    try set(.note, columns.note)
    return PlaybackRow(
      line: row.line, sheetID: row.word(columns.id), facts: facts, key: facts.naturalKey)
  }

  private func check(
    _ id: String?, _ ids: inout Set<ChainValue>, _ row: SheetRow, _ columns: Columns
  ) throws(VillageError) {
    guard let id, !ids.insert(ChainValue(hashing: Array(id.utf8))).inserted else { return }
    throw row.placed(
      VillageError(
        .duplicateRow, "the id \(CellText.shown(id)) stands in the sheet twice",
        hint: "give each row an id of its own, or none"), columns.id)
  }
}
