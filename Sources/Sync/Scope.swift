package import Causality

/// Which partitions two replicas share. A station holds all sections of its own place and its
/// ancestors' `public`; the hub above it holds all of that too (design 1).
package enum Scope {
  /// What the replica of `lower` shares with any replica above it. `ancestors` are the places
  /// above `lower`. In the order of travel.
  package static func shared(lower: PlaceID, ancestors: [PlaceID]) -> [PartitionID] {
    let own = Section.allCases.map { PartitionID(lower, $0) }
    return (own + ancestors.map { PartitionID($0, .public) }).sorted()
  }
}
