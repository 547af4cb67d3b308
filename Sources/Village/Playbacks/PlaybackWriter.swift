internal import Causality
internal import Records
internal import Replica

/// Brings the rows of a sheet into the log.
struct PlaybackWriter {
  private let partition: PartitionID
  private let store: Store
  private let programmes: [String: ProgrammeView]
  private var operators: OperatorRoll
  private var known: KnownPlaybacks
  private var corrections: Corrections?
  /// Nothing was imported into an empty log, and ids are not repeated within a sheet.
  private let mayKnowIDs: Bool

  /// `known` is nil for an empty log.
  init(_ partition: PartitionID, _ known: KnownPlaybacks?, _ store: Store) throws {
    self.partition = partition
    self.known = known ?? KnownPlaybacks()
    mayKnowIDs = known != nil
    self.store = store
    programmes = try Programmes.byCode(store)
    operators = try OperatorRoll(partition.place, store)
  }

  mutating func take(_ row: PlaybackRow, _ report: inout SheetReport) throws {
    if mayKnowIDs, let id = row.sheetID,
      let imported = try store.imported(PlaybackBook.collection, in: partition, sheetID: id)
    {
      guard imported.cells != row.key.bytes else {
        report.unchanged += 1
        return
      }
      try store.setImported(
        PlaybackBook.collection, in: partition, sheetID: id,
        ImportedRow(dot: try correct(imported.dot, row), cells: row.key.bytes))
      report.changed += 1
    } else if let dot = known.take(row) {
      try remember(row, dot)
      report.unchanged += 1
    } else {
      try remember(row, try write(row.facts, corrects: nil))
      report.added += 1
    }
  }

  private func remember(_ row: PlaybackRow, _ dot: Dot) throws {
    guard let id = row.sheetID else { return }
    try store.addImported(
      PlaybackBook.collection, in: partition, sheetID: id,
      ImportedRow(dot: dot, cells: row.key.bytes))
  }

  private mutating func correct(_ dot: Dot, _ row: PlaybackRow) throws -> Dot {
    let chains = try corrections ?? Corrections(partition, store)
    corrections = chains
    var facts = row.facts
    let head = chains.head(of: dot)
    if let before = try store.event(Village.playback, head) {
      facts.item = before.dot(PlaybackColumn.item.index)
    }
    return try write(facts, corrects: head)
  }

  private mutating func write(_ facts: PlaybackFacts, corrects: Dot?) throws -> Dot {
    var facts = facts
    facts.title = programmes[facts.programme]?.title
    let code = try facts.operatorName.map { try operators.code(of: $0, store) }
    return try store.log(
      Village.playback, in: partition, facts.cells(operatorCode: code, corrects: corrects))
  }
}

extension ChainValue {
  /// Sixteen bytes, as they are kept beside a sheet's ids.
  var bytes: [UInt8] {
    var writer = ByteWriter(reserving: 16)
    writer.fixed(low)
    writer.fixed(high)
    return writer.bytes
  }
}
