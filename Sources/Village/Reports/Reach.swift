package import Causality
internal import Records
package import Replica

/// Until when what a station logged is held here, and where it has gaps. Silence after that, or in
/// them, is no sign of anything.
///
/// A replica knows its own log as of now. A hub knows of a station that it exchanges with when the
/// last bundle was made after which nothing was missing (`Contact.reach`); it tells the hubs above by
/// a record in its own `work`, which stations do not carry.
package struct Reach: Equatable, Sendable {
  package internal(set) var until: Instant
  /// From what the station had told to its next word, where its machine was replaced or set back in
  /// between: seconds since 1970.
  package internal(set) var gaps: [ClosedRange<Int64>] = []

  package init(until: Instant, gaps: [ClosedRange<Int64>] = []) {
    self.until = until
    self.gaps = gaps
  }

  /// Whether all that was logged in a time is held here.
  package func isComplete(_ times: ClosedRange<Int64>) -> Bool {
    until.seconds > times.upperBound && !gaps.contains { $0.overlaps(times) }
  }

  /// What two hubs know, or two words of one.
  private mutating func add(_ other: Reach) {
    until = max(until, other.until)
    var mark = ReachMark(gaps: gaps)
    for gap in other.gaps { mark.add(gap) }
    gaps = mark.gaps
  }

  /// So much newer must it be to be worth a write: seconds.
  private static let step: Int64 = 6 * 3600
  /// The most that a clock may be ahead of the time here and be believed: seconds.
  package static let aheadMax: Int64 = 5 * 60

  /// By station, as of a time; those of which nothing was ever heard are absent.
  package static func all(
    _ store: Store, asOf now: Instant? = nil
  ) throws -> [PlaceID: Reach] {
    var reaches: [PlaceID: Reach] = [:]
    func add(_ reach: Reach, of station: PlaceID) {
      if reaches[station] == nil { reaches[station] = reach } else { reaches[station]?.add(reach) }
    }
    let tree = try Tree(store)
    let latest = (now?.seconds ?? store.now / 1000) + aheadMax
    for told in try told(store) where told.until.seconds <= latest {
      // A hub speaks for the stations below it, and for those it had; what it held then must be here.
      guard let station = tree.places[told.station],
        let hub = tree.places[told.record.partition.place],
        tree.lies(station, below: hub.id) || station.hubs.contains(hub.id),
        try store.holds(PartitionID(told.station, .log), told.log)
      else { continue }
      add(Reach(until: told.until, gaps: told.gaps), of: told.station)
    }
    for place in try Places.all(store) where place.role == .station {
      guard let heard = try store.contact(place.id).reach, heard <= latest else { continue }
      let gaps = try store.reachMark(of: place.id).gaps
      add(Reach(until: Instant(seconds: heard), gaps: gaps), of: place.id)
    }
    if store.identity.role == .station {
      reaches[store.identity.place] = Reach(until: Instant(seconds: store.now / 1000))
    }
    return reaches
  }

  /// Tells the hubs above what is known of the stations that report here.
  package static func tell(_ store: Store) throws {
    guard store.identity.role == .hub else { return }
    let partition = PartitionID(store.identity.place, .work)
    let known = Dictionary(
      try told(store).filter { $0.record.partition == partition }.map { ($0.station, $0) },
      uniquingKeysWith: { $0.until < $1.until ? $1 : $0 })
    for place in try Places.all(store) where place.role == .station {
      guard let until = try store.contact(place.id).reach else { continue }
      let log = try store.summary(PartitionID(place.id, .log)).vector
      let gaps = try store.reachMark(of: place.id).gaps
      let values: [(name: String, value: Value)] = [
        ("until", .integer(until)), ("log", .text(log.description)),
        ("gaps", gaps.isEmpty ? .null : .text(ReachMark.text(gaps))),
      ]
      if let before = known[place.id] {
        guard until - before.until.seconds >= step || gaps != before.gaps else { continue }
        try store.update(Village.reach, before.record.id, in: partition, values)
      } else {
        _ = try store.create(
          Village.reach, in: partition, [("station", .text(place.id.description))] + values)
      }
    }
  }

  private struct Told {
    let record: RecordView
    let station: PlaceID
    let until: Instant
    let log: VersionVector
    let gaps: [ClosedRange<Int64>]

    init?(_ record: RecordView) {
      guard let station = record.text("station").flatMap({ Places.id($0) }),
        let until = record.integer("until"),
        let log = record.text("log").flatMap({ VersionVector($0) })
      else { return nil }
      self.record = record
      self.station = station
      self.until = Instant(seconds: until)
      self.log = log
      gaps = ReachMark.gaps(record.text("gaps") ?? "")
    }
  }

  /// What this hub and those below it have told.
  private static func told(_ store: Store) throws -> [Told] {
    var told: [Told] = []
    for partition in try store.partitionIDs() where partition.section == .work {
      told += try store.records(Village.reach, in: partition).compactMap { Told($0) }
    }
    return told
  }
}
