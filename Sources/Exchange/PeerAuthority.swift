internal import Causality
internal import Records
internal import Replica
internal import Trust
internal import Village

/// Who may have written what a neighbour brings (P18).
///
///     a station      in its own place, and neither `public` nor what is of hubs alone
///     a hub          in its own place and in those below it; of the record of a place only what is below
///
/// A neighbour above is believed what it says of hubs. One below is believed what it says of itself and
/// what is below it; what it says that this hub wrote must be proven. What it says of hubs above this
/// one is theirs to look at, when it has come to them.
struct PeerAuthority: Authority {
  private let neighbour: Neighbour
  private let tree: Tree
  private let own: PlaceID
  private let above: [PlaceID]
  private let partition: PartitionID
  let mayAnswer: Bool

  init(_ neighbour: Neighbour, _ partition: PartitionID, _ tree: Tree, _ store: Store) throws {
    self.neighbour = neighbour
    self.partition = partition
    self.tree = tree
    own = store.identity.place
    above = try Places.ancestors(store)
    mayAnswer =
      !neighbour.isAbove && partition.place != own && !above.contains(partition.place)
  }

  func verdict(on claim: Claim) -> Verdict {
    switch claim.author.role {
    case .station: return mayStationWrite(claim) ? .allowed : .refused
    case .hub: return neighbour.isAbove ? .allowed : ofHubFromBelow(claim)
    }
  }

  private func mayStationWrite(_ claim: Claim) -> Bool {
    guard claim.author.place == partition.place, partition.section != .public else { return false }
    if Village.schema.record(claim.collection)?.isOfHubs == true { return false }
    guard !neighbour.isAbove, claim.author.place == neighbour.place.id else { return true }
    return neighbour.place.certificate?.writes.contains(partition.section) ?? true
  }

  private func ofHubFromBelow(_ claim: Claim) -> Verdict {
    let author = claim.author.place
    if author == own { return .ifProven }
    if above.contains(author) {
      // What belongs to those above comes from there.
      return above.contains(partition.place) || partition.place == own ? .refused : .allowed
    }
    // The record of a place is of the hubs above it; one that a hub made of itself before it was
    // invited is deleted when it joins.
    if claim.collection == Village.place.name, author == partition.place, !claim.isDeleted {
      return .refused
    }
    if neighbour.place.hubs.contains(author) || neighbour.place.reached == author {
      return .allowed
    }
    guard neighbour.place.role == .hub else { return .refused }
    guard author != neighbour.place.id, let known = tree.places[author] else { return .allowed }
    let isBelow =
      tree.reports(known, below: neighbour.place.id) || tree.was(known, below: neighbour.place.id)
    return isBelow ? .allowed : .refused
  }
}
