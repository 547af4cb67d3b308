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
  /// As it was before the bundle: what the bundle says of places is in question. Nil for a station,
  /// below which there is nothing.
  private let tree: Tree?
  private let own: PlaceID
  private let above: [PlaceID]

  init(_ neighbour: Neighbour, _ store: Store) throws {
    self.neighbour = neighbour
    tree = neighbour.place.role == .hub && !neighbour.isAbove ? try Tree(store) : nil
    own = store.identity.place
    above = try Places.ancestors(store)
  }

  func mayAnswer(in partition: PartitionID) -> Bool {
    !neighbour.isAbove && partition.place != own && !above.contains(partition.place)
  }

  func verdict(on claim: Claim) -> Verdict {
    switch claim.author.role {
    case .station: return mayStationWrite(claim) ? .allowed : .refused
    case .hub: return neighbour.isAbove ? .allowed : ofHubFromBelow(claim)
    }
  }

  private func mayStationWrite(_ claim: Claim) -> Bool {
    guard claim.author.place == claim.partition.place, claim.partition.section != .public else {
      return false
    }
    if Village.schema.record(claim.collection)?.isOfHubs == true { return false }
    guard !neighbour.isAbove, claim.author.place == neighbour.place.id else { return true }
    return neighbour.place.certificate?.writes.contains(claim.partition.section) ?? true
  }

  private func ofHubFromBelow(_ claim: Claim) -> Verdict {
    let author = claim.author.place
    if author == own { return .ifProven }
    // What is public of a place says what it is and where it belongs: that comes from above it, and
    // nobody is believed who says so below.
    let isRecord = claim.partition.section == .public
    if above.contains(author) {
      if above.contains(claim.partition.place) || claim.partition.place == own { return .refused }
      return isRecord ? .notYet : .allowed
    }
    let wasAbove =
      neighbour.place.hubs.contains(author) || neighbour.place.reached == author
    // Neither the place itself nor anybody below it; but a record that a hub made of itself before it
    // was invited is deleted when it joins.
    if claim.collection == Village.place.name, !claim.isDeleted,
      author == claim.partition.place || claim.partition.place == neighbour.place.id && !wasAbove
    {
      return .refused
    }
    guard let tree else { return wasAbove ? isRecord ? .notYet : .allowed : .refused }
    guard author != neighbour.place.id, let known = tree.places[author] else { return .allowed }
    if tree.reports(known, below: neighbour.place.id) || tree.was(known, below: neighbour.place.id)
    {
      return .allowed
    }
    return wasAbove ? .notYet : .refused
  }
}
