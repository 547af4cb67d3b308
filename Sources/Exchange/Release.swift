internal import Causality
package import Replica
internal import Village

/// Releases the content of deleted records that every neighbour has said to know of (P10). Who is
/// retired is not waited for. What lies behind a neighbour is the neighbour's affair: it keeps the
/// content until its own neighbours have confirmed.
package enum Release {
  /// Looks first, so that nothing is written where nothing is to be done. Returns how many records
  /// were released.
  @discardableResult
  package static func sweep(_ replica: Replica) throws -> Int {
    guard try !replica.read({ try $0.unreleased().isEmpty }) else { return 0 }
    return try replica.write { try run($0) }
  }

  /// Returns how many records were released.
  package static func run(_ store: Store) throws -> Int {
    let partitions = try store.unreleased()
    guard !partitions.isEmpty else { return 0 }
    let wanted = Set(partitions)
    var subscribers: [PartitionID: [PlaceID]] = [:]
    for neighbour in try Neighbours.all(store) {
      for partition in neighbour.shared where wanted.contains(partition) {
        subscribers[partition, default: []].append(neighbour.place.id)
      }
    }
    var count = 0
    for partition in partitions {
      let confirmed = try store.confirmed(partition, by: subscribers[partition] ?? [])
      count += try store.release(partition, confirmed: confirmed)
    }
    return count
  }
}
