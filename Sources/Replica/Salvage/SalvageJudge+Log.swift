internal import Causality
internal import Records

/// Logs: an epoch stays if its chain proves every event of it, and those that it was born from stay.
///
/// The events of the others leave the tables, since the vector does not claim them. Those written
/// here that no neighbour is known to hold are logged again. A neighbour may hold one of them all
/// the same: its receipt was on the way. So `again` has to mark what is logged again by the dot that
/// it had, and whoever counts counts the two as one.
extension SalvageJudge {
  private struct Lost {
    let dot: Dot
    let collection: EventCollection
    let cells: [EventCell]
  }

  mutating func judgeLog(_ partition: LivePartition) throws(ReplicaError) {
    let told = try told(partition)
    let ancestry = try store.ancestry(of: partition)
    let epochs = try store.epochs(of: partition)
    var kept: [Epoch: UInt64] = [:]
    var open = epochs.filter { $0.seen > 0 }
    var count = open.count + 1
    while open.count < count {
      count = open.count
      var next: [LiveEpoch] = []
      for epoch in open {
        let isFounded = epoch.birth?.parents.entries.allSatisfy {
          (kept[$0.epoch] ?? 0) >= $0.sequence
        }
        guard isFounded == true else {
          next.append(epoch)
          continue
        }
        if try isProven(epoch) { kept[epoch.epoch] = epoch.seen }
      }
      open = next
    }
    let lost = try takeLost(partition, kept)
    for epoch in epochs where kept[epoch.epoch] == nil && epoch.seen > 0 {
      report.epochsLost += 1
      epoch.seen = 0
      epoch.chain = nil
      store.touch(epoch)
    }
    // order: a vector sorts its entries.
    partition.vector = ancestry.leaves(
      of: VersionVector(kept.map { VersionVector.Entry($0.key, $0.value) }))
    store.touch(partition)
    try store.flush()
    try logAgain(lost, in: partition, told, ancestry)
  }

  /// Whether the events of an epoch are all there and as they were.
  private func isProven(_ epoch: LiveEpoch) throws(ReplicaError) -> Bool {
    guard epoch.seen > 0, let chain = epoch.chain else { return false }
    do {
      return try store.recomputedChain(of: epoch, at: epoch.seen)?.value == chain.value
    } catch {
      guard error.code == .databaseDamaged else { throw error }
      return false
    }
  }

  /// Takes the events of epochs that do not stay out of the tables.
  private mutating func takeLost(
    _ partition: LivePartition, _ kept: [Epoch: UInt64]
  ) throws(ReplicaError) -> [Lost] {
    var lost: [Lost] = []
    let isHere = store.identity.role == .station && partition.id.place == store.identity.place
    let here = isHere ? partition.number : 0
    for collection in store.schema.events {
      guard let table = try store.eventTable(collection.name) else { continue }
      let name = Tables.quoted(collection.name)
      var numbers: [Int64] = []
      try store.statement("SELECT DISTINCT id >> \(Key.sequenceBits) FROM \(name) ORDER BY 1")
        .eachRow {
          numbers.append($0.integer(0))
        }
      for number in numbers {
        let live = try store.known(number: number)
        // If nothing says where it belongs it is of the log that a station writes.
        guard live?.partition ?? here == partition.number else { continue }
        let first = live.flatMap { kept[$0.epoch] }.map { $0 + 1 } ?? 1
        let ends = (
          Key(epoch: number, sequence: first).number,
          Key(epoch: number, sequence: Dot.sequenceMax).number
        )
        if let live {
          lost += try events(of: live, table, ends)
        } else {
          report.eventsLeft += try events(name, ends)
        }
        let delete = try store.statement("DELETE FROM \(name) WHERE id BETWEEN ? AND ?")
        delete.bind(1, ends.0)
        delete.bind(2, ends.1)
        try delete.run()
      }
    }
    return lost
  }

  private func events(_ name: String, _ ends: (Int64, Int64)) throws(ReplicaError) -> Int {
    let count = try store.statement("SELECT count(*) FROM \(name) WHERE id BETWEEN ? AND ?")
    count.bind(1, ends.0)
    count.bind(2, ends.1)
    defer { count.reset() }
    return try count.step() ? Int(count.integer(0)) : 0
  }

  private func events(
    of epoch: LiveEpoch, _ table: EventTable, _ ends: (Int64, Int64)
  ) throws(ReplicaError) -> [Lost] {
    var lost: [Lost] = []
    let select = table.view
    select.bind(1, ends.0)
    select.bind(2, ends.1)
    defer { select.reset() }
    while try select.step() {
      let sequence = Key(select.integer(0)).sequence
      guard sequence > 0 else { continue }
      var cells: [EventCell] = []
      for (index, column) in table.collection.columns.enumerated() {
        // What is named by a number that says nothing any more is not named.
        cells.append((try? store.cell(of: select, at: Int32(index + 1), column.kind)) ?? .null)
      }
      lost.append(Lost(dot: Dot(epoch.epoch, sequence), collection: table.collection, cells: cells))
    }
    return lost
  }

  private mutating func logAgain(
    _ lost: [Lost], in partition: LivePartition, _ told: [VersionVector], _ ancestry: Ancestry
  ) throws(ReplicaError) {
    var renamed: [Dot: Dot] = [:]
    for event in lost {
      guard try isOwn(event.dot), !isTold(event.dot, told, ancestry) else { continue }
      let cells = event.cells.map { cell in
        if case .dot(let dot) = cell, let new = renamed[dot] { return EventCell.dot(new) }
        return cell
      }
      let dot = try store.log(
        event.collection, in: partition.id, again(event.collection, cells, event.dot))
      renamed[event.dot] = dot
      try store.renameImported(event.dot, dot)
      report.eventsAgain += 1
    }
  }
}

extension Store {
  /// The epoch of a number, or nil if its name is lost.
  func known(number: Int64) throws(ReplicaError) -> LiveEpoch? {
    do { return try epoch(number: number) } catch {
      guard error.code == .databaseDamaged else { throw error }
      return nil
    }
  }

  /// A row of a sheet that became one dot is from now on what became of another.
  func renameImported(_ old: Dot, _ new: Dot) throws(ReplicaError) {
    let update = try literal("UPDATE imported SET key = ? WHERE key = ?")
    update.bind(1, try key(new).number)
    update.bind(2, try key(old).number)
    try update.run()
  }

  /// Takes the events of collections that this version does not know out of the common table, where
  /// no vector claims them: who sends them again would find their places taken.
  func dropUnclaimedEvents() throws(ReplicaError) {
    try statement(
      """
      DELETE FROM other_event WHERE NOT EXISTS (
        SELECT 1 FROM epoch WHERE epoch.id = other_event.id >> \(Key.sequenceBits)
        AND partition NOT NULL AND seen >= other_event.id & \(Key.sequenceMask))
      """
    ).run()
  }
}
