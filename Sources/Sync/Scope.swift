package import Causality

/// Which partitions two replicas share. A station holds all sections of its own place and its
/// ancestors' `public`; a hub also its subtree (design 1).
package enum Scope {
  /// What the replica of a lower place shares with the one above it, in the order of travel.
  ///
  /// - lower: the place itself and those below it.
  /// - ancestors: the places above it.
  /// - former: places that were among the lower once; their record goes on being shared.
  /// - reads: the sections that the lower place may read; the others are not shared at all.
  package static func shared(
    lower: [PlaceID], ancestors: [PlaceID], former: [PlaceID] = [],
    reads: Set<Section> = Set(Section.allCases)
  ) -> [PartitionID] {
    // order: sorted below.
    let own = lower.flatMap { place in reads.map { PartitionID(place, $0) } }
    let known = (ancestors + former.filter { !lower.contains($0) }).map {
      PartitionID($0, .public)
    }
    return (own + known).sorted()
  }
}
