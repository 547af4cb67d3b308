internal import Causality
internal import Exchange
internal import Replica
internal import Village
internal import Wording

/// What of a data folder its hub has not confirmed.
struct Saved {
  let name: String
  let hub: Neighbour?
  let playbacks: Int
  /// Writes that are no playbacks.
  let others: Int
  /// When the first and the last of the playbacks began: milliseconds since 1970.
  let times: ClosedRange<Int64>?
  let zone: TimeZoneOffset

  init(_ copy: PrivateCopy) throws {
    self = try copy.replica.read { store in try Saved(store, copy.damage) }
  }

  private init(_ store: Store, _ damage: Salvage.Report?) throws {
    name = (try? Places.own(store).name) ?? store.identity.place.description
    zone = try Places.zone(store)
    hub = try? Neighbours.above(store)
    var (playbacks, others) = (0, damage?.writesLeft ?? 0)
    var times: ClosedRange<Int64>?
    for partition in hub?.shared ?? [] {
      let received = try store.mark(of: hub?.place.id ?? store.identity.place, partition).received
      guard partition.section.holdsEvents else {
        others += Int(try store.lacking(partition, beyond: received))
        continue
      }
      guard let found = try PlaybackBook.lacking(partition, beyond: received, store) else {
        continue
      }
      playbacks += found.count
      times =
        min(
          found.first, times?.lowerBound ?? found.first)...max(
          found.last, times?.upperBound ?? found.last)
    }
    (self.playbacks, self.others, self.times) = (playbacks, others, times)
  }
}
