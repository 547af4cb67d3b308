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

  /// By station; those of which nothing was ever heard are absent.
  package static func all(_ store: Store) throws -> [PlaceID: Instant] {
    var reaches = try told(store).mapValues(\.until)
    for place in try Places.all(store) where place.role == .station {
      guard let heard = try store.contact(place.id).reach else { continue }
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
    var known: [PlaceID: (record: Dot, until: Instant)] = [:]
    for record in try store.records(Village.reach, in: partition) {
      guard let (station, until) = read(record) else { continue }
      known[station] = (record.id, until)
    }
    for place in try Places.all(store) where place.role == .station {
      guard let until = try store.contact(place.id).reach else { continue }
      guard let before = known[place.id] else {
        _ = try store.create(
          Village.reach, in: partition,
          [("station", .text(place.id.description)), ("until", .integer(until))])
        continue
      }
      guard until - before.until.seconds >= step else { continue }
      try store.update(
        Village.reach, before.record, in: partition, [("until", .integer(until))])
    }
  }

  /// What the hubs below have told.
  private static func told(_ store: Store) throws -> [PlaceID: (record: Dot, until: Instant)] {
    var told: [PlaceID: (record: Dot, until: Instant)] = [:]
    for partition in try store.partitionIDs() where partition.section == .work {
      for record in try store.records(Village.reach, in: partition) {
        guard let (station, until) = read(record) else { continue }
        // Where a station has moved, the later word counts.
        if told[station].map({ $0.until < until }) ?? true { told[station] = (record.id, until) }
      }
    }
    return told
  }

  private static func read(_ record: RecordView) -> (PlaceID, Instant)? {
    guard let station = record.text("station").flatMap({ Places.id($0) }),
      let until = record.integer("until")
    else { return nil }
    return (station, Instant(seconds: until))
  }
}
