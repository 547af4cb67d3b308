internal import Bundles
internal import Causality
internal import Replica
internal import Village

/// Notes of a station until when its log is held here, and of which times nobody knows all.
struct LogReach {
  private let station: PlaceID
  private let log: PartitionID
  /// The highest number of a bundle heard before.
  private let numberBefore: UInt64

  /// Before a bundle is heard. Nil if the neighbour is no station below.
  init?(of neighbour: Neighbour, _ store: Store) throws {
    guard !neighbour.isAbove, neighbour.place.role == .station else { return nil }
    station = neighbour.place.id
    log = PartitionID(station, .log)
    numberBefore = try store.contact(station).number
  }

  /// After a bundle was merged.
  ///
  /// The log is held until the bundle was made if it has the rest of the log, or nothing at all for a
  /// hub that is as the station believes it to be: one that was set back is not. What has no news of
  /// the log may be the last part of what was split, or what is urgent and came alone. Of a clock that
  /// runs ahead nobody knows when the bundle was made; what was believed before is set right by a
  /// later bundle.
  func note(_ manifest: Manifest, isUnderstood: Bool, _ store: Store) throws {
    var contact = try store.contact(station)
    let (made, now) = (Int64(clamping: manifest.made), store.now / 1000)
    guard made <= now + Reach.aheadMax else { return }
    let until = min(made, now)
    let isLater = made > contact.reach ?? .min
    if !manifest.hasMore, manifest.tells(of: log) { try noteSetBack(until, store) }
    let hasNothing = manifest.deltas.isEmpty && manifest.part == 0 && isUnderstood
    guard !manifest.hasMore, hasNothing || manifest.deltas.contains(where: { $0.partition == log }),
      try store.holds(log, store.mark(of: station, log).received)
    else { return }
    guard isLater || manifest.number > numberBefore else { return }
    try move(to: until, store)
    contact.reach = until
    try store.setContact(station, contact)
  }

  /// What was made after the mark and tells of less than was held then comes from a machine that was
  /// replaced or set back. What was made before it is a stick that took its time, and of what was split
  /// only the last part tells all.
  private func noteSetBack(_ made: Int64, _ store: Store) throws {
    var mark = try store.reachMark(of: station)
    guard let at = mark.at, made > at, !mark.isSetBack else { return }
    let told = try store.mark(of: station, log).received
    let ancestry = try store.ancestry(log)
    guard ancestry.unknown(in: told).isEmpty, !ancestry.covers(told, mark.log) else { return }
    mark.isSetBack = true
    try store.setReachMark(of: station, mark)
  }

  /// What the machine that is gone logged after the mark came to nobody. It is noticed too by who began
  /// to write without what was held, and was given it again since. What was made before the mark by a
  /// clock that is behind, or was ahead then, does not move it.
  private func move(to until: Int64, _ store: Store) throws {
    var mark = try store.reachMark(of: station)
    let held = try store.summary(log).vector
    if let at = mark.at {
      guard until > at else { return }
      let ancestry = try store.ancestry(log)
      let isForked = ancestry.births(at: held, beyond: mark.log).contains {
        !ancestry.covers($0.parents, mark.log)
      }
      if mark.isSetBack || isForked { mark.add(at...until) }
    }
    try store.setReachMark(of: station, ReachMark(at: until, log: held, gaps: mark.gaps))
  }
}

extension Manifest {
  fileprivate func tells(of partition: PartitionID) -> Bool {
    deltas.contains { $0.partition == partition } || receipts.contains { $0.partition == partition }
  }
}
