internal import Causality
internal import Records
internal import Replica

/// The first walk over a sheet: which of its rows are known here by their ids, and when the others
/// are about.
struct PlaybackSurvey {
  private(set) var report = SheetReport()
  /// The playbacks that the sheet's ids name.
  private(set) var named: Set<Dot> = []
  /// When playbacks began whose ids are not known.
  private(set) var range: ClosedRange<Int64>?
  private var hasChanges = false

  init(
    _ sheet: PlaybackSheet, _ partition: PartitionID, _ store: Store,
    _ progress: @escaping ImportProgress
  ) throws {
    var named: Set<Dot> = []
    var range: ClosedRange<Int64>?
    var hasChanges = false
    try sheet.walk(store, &report, share: 0...0.5, progress) { row, report in
      let known = try row.sheetID.flatMap {
        try store.imported(PlaybackBook.collection, in: partition, sheetID: $0)
      }
      guard let known else {
        let second = row.facts.started.seconds
        range =
          range.map { min($0.lowerBound, second)...max($0.upperBound, second) } ?? second...second
        return
      }
      named.insert(known.dot)
      if known.cells == row.key.bytes { report.unchanged += 1 } else { hasChanges = true }
    }
    (self.named, self.range, self.hasChanges) = (named, range, hasChanges)
  }

  /// Whether there is anything to write.
  var hasNews: Bool { range != nil || hasChanges }
}
