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
/// A neighbour above is believed. One below is believed what it says of itself and what is below it; what
/// it says that this hub wrote must be proven. What it says of hubs above this one waits in `public`
/// until it is proven or comes from there; in `work` it is theirs to look at, when it has come to them.
/// For a place that has left it, it speaks until it has brought all and knows of the move.
struct PeerAuthority: Authority {
  private let neighbour: Neighbour
  /// As it was before the bundle: what the bundle says of places is in question. Nil for a station,
  /// below which there is nothing.
  private let tree: Tree?
  private let own: PlaceID
  private let above: [PlaceID]
  /// Places that have left the neighbour, as it knows, and of which it has brought what it had.
  private let parted: Set<PlaceID>
  private let store: Store

  init(_ neighbour: Neighbour, _ store: Store) throws {
    self.neighbour = neighbour
    tree = neighbour.place.role == .hub && !neighbour.isAbove ? try Tree(store) : nil
    own = store.identity.place
    above = try Places.ancestors(store)
    parted = try Parting.known(to: neighbour, tree, store)
    self.store = store
  }

  /// What a hub below has written in the record of a place of which this hub has forgotten that it put it
  /// there.
  func appeal(_ claim: Claim) throws -> Bool {
    guard claim.author.role == .hub, isForeign(claim.partition.place),
      isBelow(claim.author.place, unless: wasAbove(claim.partition.place, claim.author.place)),
      ofHubBelow(claim) == .allowed
    else { return false }
    return try Moving.hasOrdered(claim.partition.place, below: neighbour.place.id, store)
  }

  func confirms(_ signature: [UInt8], of statement: [UInt8], by author: Author) throws -> Bool {
    guard author.role == .hub else { return false }
    return try Keyring.known(of: author.place, store).contains {
      $0.verifies(signature, of: statement)
    }
  }

  func mayAnswer(in partition: PartitionID) -> Bool {
    !neighbour.isAbove && partition.place != own && !above.contains(partition.place)
      && !isForeign(partition.place)
  }

  func verdict(on claim: Claim) -> Verdict {
    // Who is above is believed.
    if neighbour.isAbove { return .allowed }
    let author = claim.author.place
    if claim.author.role == .station { return ofStation(claim) }
    if author == own { return .ifProven }
    // What is of places that have left the neighbour comes from where they are now; but for what it
    // wrote before it knew.
    if hasLeft(claim.partition.place) {
      guard isBelow(author, unless: wasAbove(claim.partition.place, author)) else { return .notYet }
      return parted.contains(claim.partition.place) || isForeign(claim.partition.place)
        ? .refused : ofHubBelow(claim)
    }
    // What is of a place's work they look at themselves when it has come to them.
    if above.contains(author) {
      return claim.partition.section == .public ? .notYet : .allowed
    }
    let wasAbove = wasAbove(claim.partition.place, author)
    if isBelow(author, unless: wasAbove) { return ofHubBelow(claim) }
    // A hub that nobody here knows may have been above a station that was put under this one by hand:
    // people look at what it wrote.
    guard wasAbove else {
      return tree == nil && claim.partition.section != .public ? .ifProven : .refused
    }
    return claim.partition.section == .public ? .notYet : .allowed
  }

  /// What a place is and where it belongs says neither the place itself nor anybody below it. But a hub
  /// that made a record of itself before it was invited deletes it when it joins.
  private func ofHubBelow(_ claim: Claim) -> Verdict {
    guard claim.collection == Village.place.name else { return .allowed }
    if claim.isDeleted, claim.creator == claim.author { return .allowed }
    let isOfItself =
      claim.author.place == claim.partition.place || claim.partition.place == neighbour.place.id
    return isOfItself ? .refused : .allowed
  }

  /// Whether a hub is the neighbour or below it, for which it speaks; of whom nothing is known it may be.
  private func isBelow(_ hub: PlaceID, unless isElsewhere: Bool) -> Bool {
    guard let tree else { return false }
    if hub == neighbour.place.id { return true }
    guard let known = tree.places[hub] else { return !isElsewhere }
    return tree.reports(known, below: neighbour.place.id)
  }

  private func ofStation(_ claim: Claim) -> Verdict {
    guard claim.author.place == claim.partition.place, claim.partition.section != .public,
      Village.schema.record(claim.collection)?.isOfHubs != true
    else { return .refused }
    if hasLeft(claim.partition.place), parted.contains(claim.partition.place) { return .notYet }
    let writes =
      claim.author.place == neighbour.place.id ? neighbour.place.certificate?.rights.writes : nil
    return writes?.contains(claim.partition.section) ?? true ? .allowed : .refused
  }

  /// Whether a place is known to be elsewhere than below the neighbour.
  private func hasLeft(_ place: PlaceID) -> Bool {
    guard let tree, place != neighbour.place.id, let known = tree.places[place] else {
      return false
    }
    return !tree.reports(known, below: neighbour.place.id)
  }

  /// Whether a place is known here, and never to have been below the neighbour: what this hub itself has
  /// written of it may come from there nonetheless, if it was set back.
  private func isForeign(_ place: PlaceID) -> Bool {
    guard let tree, hasLeft(place), let known = tree.places[place] else { return false }
    return !tree.was(known, below: neighbour.place.id)
  }

  /// Whether a hub was above a place once, or is above it now between here and there.
  private func wasAbove(_ place: PlaceID, _ hub: PlaceID) -> Bool {
    let known = place == neighbour.place.id ? neighbour.place : tree?.places[place]
    guard let known, hub != place else { return false }
    if known.hubs.contains(hub) || known.reached == hub { return true }
    return tree?.was(known, below: hub) ?? false
  }
}
