package import Causality
internal import Records
package import Replica

/// A playback as people read it, with its corrections taken in.
package struct PlaybackView: Equatable, Sendable {
  /// Of the playback itself, whatever was corrected since: stable, and what corrections name.
  package let dot: Dot
  package let place: PlaceID
  /// The same place with code and name, if they are known here.
  package let station: Place?
  package let programme: String
  package let title: String?
  package let item: Dot?
  package let startedAt: Instant
  package let endedAt: Instant?
  package let audience: Int64?
  /// The name, or the code of a person whose name is not known here.
  package let operatorName: String?
  package let occasion: String?
  package let outcome: String?
  package let note: String?
  package let clock: String?
  /// The number of the machine's start that it was in; nil for what people entered afterwards.
  package let boot: Int64?
  /// Seconds between that start and its own: time that no setting of a clock has shifted.
  package let uptime: Int64?
  /// The playback of the short programme that was shown before a meeting.
  package let prelude: Dot?
  package let isCorrected: Bool
  /// People corrected it apart from each other; one of the corrections is shown.
  package let hasConflict: Bool
  /// Its id in a sheet, if it was imported here.
  package let sheetID: String?
}

/// Which playbacks are wanted.
package struct PlaybackFilter: Sendable {
  /// Whose; nil for all that this replica holds.
  package var place: PlaceID?
  /// Those that began at this instant or later.
  package var from: Instant?
  /// Those that began before this instant.
  package var to: Instant?
  /// The latest of each place, at most so many.
  package var limit: Int?

  package init(
    place: PlaceID? = nil, from: Instant? = nil, to: Instant? = nil, limit: Int? = nil
  ) {
    self.place = place
    self.from = from
    self.to = to
    self.limit = limit
  }

  fileprivate func wants(_ second: Int64) -> Bool {
    (from.map { second >= $0.seconds } ?? true) && (to.map { second < $0.seconds } ?? true)
  }
}

extension PlaybackBook {
  /// Calls `body` with each playback: by place, then by the time it began. Memory: 24 bytes for
  /// each playback of one place.
  package static func list(
    _ store: Store, _ filter: PlaybackFilter = PlaybackFilter(),
    _ body: (PlaybackView) throws -> Void
  ) throws {
    for log in try logs(store, filter) {
      try list(log.partition, log.station, store, filter, body)
    }
  }

  private struct Entry: Comparable {
    let started: Int64
    let dot: Dot

    static func < (left: Entry, right: Entry) -> Bool {
      left.started != right.started ? left.started < right.started : left.dot < right.dot
    }
  }

  private static func list(
    _ partition: PartitionID, _ station: Place?, _ store: Store, _ filter: PlaybackFilter,
    _ body: (PlaybackView) throws -> Void
  ) throws {
    var entries: [Entry] = []
    let corrections = try Corrections(partition, store) { dot, second in
      entries.append(Entry(started: second, dot: dot))
    }
    entries = entries.compactMap { entry in
      let second = corrections.started(entry.dot, original: entry.started)
      return filter.wants(second) ? Entry(started: second, dot: entry.dot) : nil
    }.sorted()
    let operators = try OperatorRoll(partition.place, store)
    for entry in entries.suffix(filter.limit.map { max($0, 0) } ?? entries.count) {
      if let view = try view(entry.dot, corrections, operators, station, store) { try body(view) }
    }
  }

  private static func view(
    _ dot: Dot, _ corrections: Corrections, _ operators: OperatorRoll, _ station: Place?,
    _ store: Store
  ) throws -> PlaybackView? {
    let versions = corrections.versions(of: dot)
    guard let head = versions.last, let event = try store.event(Village.playback, head),
      let facts = PlaybackFacts(event.cells, operators)
    else { return nil }
    var sheetID: String?
    for version in versions where sheetID == nil {
      sheetID = try store.importedRows(collection, of: version).first?.sheetID
    }
    return PlaybackView(
      dot: dot, place: event.partition.place, station: station, programme: facts.programme,
      title: facts.title, item: facts.item, startedAt: facts.started, endedAt: facts.ended,
      audience: facts.audience, operatorName: facts.operatorName, occasion: facts.occasion,
      outcome: facts.outcome, note: facts.note, clock: facts.clock, boot: facts.boot,
      uptime: facts.booted.map { facts.started.seconds &- $0 }, prelude: facts.prelude,
      isCorrected: head != dot, hasConflict: corrections.isForked(dot), sheetID: sheetID)
  }

  private static func logs(
    _ store: Store, _ filter: PlaybackFilter
  ) throws -> [(partition: PartitionID, station: Place?)] {
    if let place = filter.place {
      return [(PartitionID(place, .log), try Places.find(store, id: place))]
    }
    var logs: [(partition: PartitionID, station: Place?)] = []
    for partition in try store.partitionIDs() where partition.section == .log {
      logs.append((partition, try Places.find(store, id: partition.place)))
    }
    return logs.sorted {
      ($0.station?.code.dotted ?? "", $0.partition) < ($1.station?.code.dotted ?? "", $1.partition)
    }
  }
}
