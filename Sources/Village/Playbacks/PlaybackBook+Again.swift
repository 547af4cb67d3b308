package import Causality
package import Records
package import Replica

extension PlaybackBook {
  /// How an event that was saved from a damaged database is logged again: a playback as a correction of
  /// itself, with the same content.
  ///
  /// Where nobody has the first, the correction stands for it; where somebody has, it is the newest word
  /// about it. So it is counted once, whichever of the two come to whom, and in whatever order. What was
  /// a correction before goes on correcting what it did: a second one of the same content.
  package static func again(
    _ collection: EventCollection, _ cells: [EventCell], _ dot: Dot
  ) -> [EventCell] {
    guard collection.name == Village.playback.name else { return cells }
    var cells = cells
    let corrects = PlaybackColumn.corrects.index
    if case .dot = cells[corrects] { return cells }
    cells[corrects] = .dot(dot)
    return cells
  }

  /// How many playbacks of a log a replica at `vector` lacks, and when the first and the last of them
  /// began: seconds since 1970.
  package static func lacking(
    _ partition: PartitionID, beyond vector: VersionVector, _ store: Store
  ) throws -> (count: Int, first: Int64, last: Int64)? {
    let ancestry = try store.ancestry(partition)
    var found: (count: Int, first: Int64, last: Int64)?
    try store.scan(
      Village.playback, in: partition, columns: [PlaybackColumn.started.rawValue]
    ) { dot, cells in
      guard case .integer(let second) = cells[0], !ancestry.covers(vector, dot) else { return }
      let before = found ?? (0, second, second)
      found = (before.count + 1, min(before.first, second), max(before.last, second))
    }
    return found
  }
}
