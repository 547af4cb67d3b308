package import Causality
internal import Records
package import Replica

/// Until when what each station logged is held here. Silence after that is no sign of anything.
///
/// A replica knows its own log as of now. A hub knows of a station that it exchanges with when the
/// last bundle was made after which nothing was missing (`Contact.reach`); it tells the hubs above by
/// a record in its own `work`, which stations do not carry.
package enum Reach {
  /// So much newer must it be to be worth a write: seconds.
  private static let step: Int64 = 6 * 3600
  /// The most that a clock may be ahead of the time here and be believed: seconds.
  package static let aheadMax: Int64 = 5 * 60

  /// By station, as of a time; those of which nothing was ever heard are absent.
  package static func all(
    _ store: Store, asOf now: Instant? = nil
  ) throws -> [PlaceID: Instant] {
    var reaches: [PlaceID: Instant] = [:]
    let tree = try Tree(store)
    let latest = (now?.seconds ?? store.now / 1000) + aheadMax
    for told in try told(store) where told.until.seconds <= latest {
      // A hub speaks for the stations below it, and for those it had; what it held then must be here.
      guard let station = tree.places[told.station],
        let hub = tree.places[told.record.partition.place],
        tree.lies(station, below: hub.id) || station.hubs.contains(hub.id),
        try store.holds(PartitionID(told.station, .log), told.log)
      else { continue }
      reaches[told.station] = max(reaches[told.station] ?? told.until, told.until)
    }
    for place in try Places.all(store) where place.role == .station {
      guard let heard = try store.contact(place.id).reach, heard <= latest else { continue }
      reaches[place.id] = max(reaches[place.id] ?? Instant(seconds: heard), Instant(seconds: heard))
    }
    if store.identity.role == .station {
      reaches[store.identity.place] = Instant(seconds: store.now / 1000)
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
      let values: [(name: String, value: Value)] = [
        ("until", .integer(until)), ("log", .text(log.description)),
      ]
      if let before = known[place.id] {
        guard until - before.until.seconds >= step else { continue }
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

    init?(_ record: RecordView) {
      guard let station = record.text("station").flatMap({ Places.id($0) }),
        let until = record.integer("until"),
        let log = record.text("log").flatMap({ VersionVector($0) })
      else { return nil }
      self.record = record
      self.station = station
      self.until = Instant(seconds: until)
      self.log = log
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
