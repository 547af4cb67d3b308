internal import Bundles
internal import Causality
internal import Records
internal import Wording

/// The hot path of a hub: events out of a decoded piece into their table.
extension Store {
  /// Appends the events of `piece` that are not held yet. The caller has checked that the
  /// partition covers the delta's base. Returns how many were new.
  func merge(
    _ piece: EventPiece, into partition: LivePartition, _ court: Court
  ) throws(ReplicaError) -> Int {
    var inserters: [EventInserter] = []
    for batch in piece.batches { inserters.append(try EventInserter(batch, piece, self)) }
    var cursors = Array(repeating: 0, count: piece.batches.count)
    var added = 0
    for segment in piece.segments {
      let row = cursors[segment.batch]
      cursors[segment.batch] += segment.count
      added += try merge(segment, at: row, inserters[segment.batch], into: partition, court)
    }
    return added
  }

  private func merge(
    _ segment: EventSegment, at row: Int, _ inserter: EventInserter,
    into partition: LivePartition, _ court: Court
  ) throws(ReplicaError) -> Int {
    guard let epoch = try find(segment.epoch), let birth = epoch.birth,
      epoch.partition == partition.number
    else {
      throw ReplicaError(.gap, "the birth of epoch \(segment.epoch) is missing")
    }
    guard segment.first <= epoch.seen + 1 else {
      throw ReplicaError(.gap, "events \(epoch.seen + 1) to \(segment.first - 1) are missing")
    }
    let known = Int(min(epoch.seen + 1 - segment.first, UInt64(segment.count)))
    guard known < segment.count else { return 0 }
    try court.look(at: epoch, birth.author)
    if epoch.seen == 0 {
      guard try ancestryCovers(partition, birth.parents) else {
        throw ReplicaError(.gap, "what epoch \(segment.epoch) was born from is missing")
      }
      epoch.chain = try begin(birth, partition.id)
    }
    guard epoch.chain != nil else {
      throw ReplicaError(.databaseDamaged, "the chain of epoch \(segment.epoch) is missing")
    }
    let rows = (row + known)..<(row + segment.count)
    try inserter.insert(
      rows, epoch: epoch.number, first: epoch.seen + 1, chain: &epoch.chain)
    // Another replica knows more of an epoch that is open here: this database was set back, and
    // is not the epoch's author any more (P4).
    disown(epoch)
    epoch.seen = segment.last.sequence
    touch(epoch)
    try advance(partition, to: Dot(epoch.epoch, epoch.seen))
    return rows.count
  }

  /// Raises the vector to a dot whose past is held.
  private func advance(_ partition: LivePartition, to dot: Dot) throws(ReplicaError) {
    if partition.vector[dot.epoch] > 0 {
      partition.vector.insert(dot)
      return
    }
    partition.vector =
      partition.vector.isEmpty
      ? VersionVector(dot) : try ancestry(of: partition).join(partition.vector, VersionVector(dot))
    touch(partition)
  }

  /// Whether the partition covers `vector`; asks for births only if it must.
  func ancestryCovers(
    _ partition: LivePartition, _ vector: VersionVector
  ) throws(ReplicaError) -> Bool {
    let open = vector.entries.filter { partition.vector[$0.epoch] < $0.sequence }
    if open.isEmpty { return true }
    let ancestry = try ancestry(of: partition)
    return open.allSatisfy { ancestry.covers(partition.vector, $0.dot) }
  }
}
