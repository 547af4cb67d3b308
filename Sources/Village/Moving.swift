package import Causality
internal import Records
package import Replica
internal import Trust
internal import Wording

/// How a place comes under another hub, and how one that is silent for good is given up.
///
/// The order is a write to the place's own record, so it travels as everything does:
///
///     a hub above both      `hub` is the new hub, `reached` still the old one
///     the moved replica     goes on with the old hub until that has all that is held here, then
///                           exchanges with the new one; what it shared with the old one leaves its
///                           disk when the new one has answered (P11)
///     the new hub           `reached` is itself, with the first bundle from there
///
/// All hubs that a place was ever put under keep sharing its record, so they know where it has gone.
package enum Moving {
  /// Orders a place below this hub to be under another hub below it, with another code.
  ///
  /// Throws `not_owner` at a station, `not_below` if either place is not below this hub, and
  /// `place_exists` if the code is taken.
  package static func order(
    _ store: Store, _ place: Place, to hub: Place, code: PlaceCode, url: String?
  ) throws {
    let own = try Places.own(store)
    guard store.identity.role == .hub else {
      throw VillageError(
        .notOwner, "only a hub can move a place", hint: "run this at a hub above both")
    }
    let tree = try Tree(store)
    guard place.id != own.id, hub.role == .hub, hub.id == own.id || tree.lies(hub, below: own.id),
      tree.lies(place, below: own.id)
    else {
      throw VillageError(
        .notBelow, "\(place.name) and a hub \(hub.name) do not both lie below \(own.name)",
        hint: "run this at the hub that is above both")
    }
    guard hub.id != place.id, !tree.lies(hub, below: place.id) else {
      throw VillageError(
        .notBelow, "\(hub.name) lies below \(place.name) itself", hint: "name another hub with --to"
      )
    }
    if let taken = try Places.find(store, code: code), taken.id != place.id {
      throw VillageError(
        .placeExists, "\(code) is \(taken.name)", hint: "give the place another code with --code")
    }
    guard hub.code.isAbove(code) else {
      throw VillageError(
        .notBelow, "\(code) does not lie below \(hub.code) \(hub.name)",
        hint: "give --code a code that begins with \(hub.code)")
    }
    let first = [Stay(place.reached ?? place.hub ?? own.id, since: Instant(seconds: 0))]
    var hubs = place.hubs
    for id in [place.hub, hub.id].compactMap({ $0 }) where !hubs.contains(id) { hubs.append(id) }
    var values: [(name: String, value: Value)] = [
      ("code", .text(code.dotted)), ("hub", Membership.text(hub.id)),
      ("hubs", text(hubs, place.stays.isEmpty ? first : place.stays)),
      ("hub_url", url.map { .text($0) } ?? .null),
      ("hub_keys", try keys(of: hub, store).map { Keyring.text($0) } ?? .null),
    ]
    // Where it is known to report, who receives it knows better than who orders.
    if place.reached == nil {
      values.append(("reached", Membership.text(place.hub ?? own.id)))
    }
    try Membership.update(store, place.id, values)
  }

  private static func keys(of hub: Place, _ store: Store) throws -> PublicKeys? {
    hub.id == store.identity.place ? try Keyring.own(store).publicKeys : hub.publicKeys
  }

  /// Gives up waiting for a place, or waits for it again. It may come back at any time.
  package static func retire(_ store: Store, _ place: Place, _ isRetired: Bool) throws {
    guard store.identity.role == .hub, try Tree(store).lies(place, below: store.identity.place)
    else {
      throw VillageError(
        .notBelow, "\(place.name) does not lie below this hub",
        hint: "run this at the hub that the place belongs to")
    }
    guard place.isRetired != isRetired else { return }
    try Membership.update(
      store, place.id, [("retired", isRetired ? .text("retired") : .null)])
  }

  /// Whether this place was ordered to another hub and is still with the old one.
  package static func isUnderWay(_ store: Store) throws -> Bool {
    guard let hub = try Places.hub(store),
      let ordered = try Places.recorded(store, store.identity.place)?.hub
    else { return false }
    return try ordered != hub && store.meta(Places.Meta.outdatedHub) != ordered.description
  }

  // MARK: After each bundle from a neighbour

  /// What follows from what a neighbour has told, of itself too.
  package static func heard(_ store: Store, from id: PlaceID) throws {
    if id == (try Places.hub(store)) {
      try follow(store, id)
      try leave(store)
    } else if let neighbour = try Places.recorded(store, id),
      neighbour.hub == store.identity.place, let reached = neighbour.reached,
      // Of two hubs that were put below each other neither has come to the other.
      try reached != store.identity.place && !isBelow(neighbour.id, store.identity.place, store),
      try isOrderKnownAbove(neighbour.id, store)
    {
      // A clock that is behind does not change the order of moves.
      let since = max(store.now / 1000, (neighbour.stays.last?.since.seconds ?? 0) + 1)
      let stay = Stay(store.identity.place, since: Instant(seconds: since))
      try Membership.update(
        store, neighbour.id,
        [
          ("reached", Membership.text(store.identity.place)),
          ("hubs", text(neighbour.hubs, neighbour.stays + [stay])),
        ])
    }
  }

  /// Whether the hub above has the order by which a place came. Only of a place that came before its order
  /// did it may not: it was set back, and believes its own writes only, as long as there are no others.
  package static func isOrderKnownAbove(_ place: PlaceID, _ store: Store) throws -> Bool {
    guard let above = try Places.hub(store), try Keyring.hasReturned(place, store) else {
      return true
    }
    let record = PartitionID(place, .public)
    return try store.lacking(record, beyond: store.mark(of: above, record).received) == 0
  }

  /// The field `hubs`: a line for each hub, and one for each stay.
  private static func text(_ hubs: [PlaceID], _ stays: [Stay]) -> Value {
    .text((hubs.map(\.description) + stays.map(\.line)).joined(separator: "\n"))
  }

  /// Follows an order to move when the old hub has everything that is held here.
  private static func follow(_ store: Store, _ old: PlaceID) throws {
    guard let own = try Places.recorded(store, store.identity.place), let new = own.hub else {
      return
    }
    let outdated = try store.meta(Places.Meta.outdatedHub) ?? ""
    guard new != old else {
      return outdated.isEmpty ? () : try store.setMeta(Places.Meta.outdatedHub, "")
    }
    // Put under this hub by hand, of which the record knows nothing yet.
    if outdated == new.description { return }
    if try isBelow(own.id, new, store) {
      return try store.raise(
        "place_ring",
        "\(own.code) \(own.name) was put below a hub that was put below it; move one of the two again"
      )
    }
    if try store.meta(Places.Meta.movingTo) != new.description {
      // What is written from now on is written under the new hub.
      store.endEpochs()
      try store.setMeta(Places.Meta.movingTo, new.description)
    }
    guard try own.reached == new || hasAll(old, store) else { return }
    try store.setMeta(Places.Meta.ancestors, new.description)
    try Membership.go(store, to: new, url: own.hubURL, keys: own.hubKeys)
  }

  /// Whether a hub is said to hang below a place.
  private static func isBelow(_ place: PlaceID, _ hub: PlaceID, _ store: Store) throws -> Bool {
    try Tree.isAtOrAbove(place, hub) { try Places.recorded(store, $0) }
  }

  /// Whether this hub itself has put a place under a hub or one below that, and it stands.
  package static func hasOrdered(
    _ place: PlaceID, below hub: PlaceID, _ store: Store
  ) throws -> Bool {
    guard try order(of: place, store)?.author.place == store.identity.place,
      let ordered = try Places.recorded(store, place)?.hub
    else { return false }
    return try isBelow(hub, ordered, store)
  }

  /// The write that put a place where it is ordered to be: a place may leave a hub, come back, and leave again.
  package static func order(
    of place: PlaceID, _ store: Store
  ) throws -> (dot: Dot, author: Author)? {
    guard let record = try Places.record(store, place) else { return nil }
    return try store.origin(of: "hub", in: Village.place, record.id)
  }

  /// Whether a hub has all that leaves with this place, or leaves its disk after the move: a hub that was
  /// set back may find the last of its own only here.
  private static func hasAll(_ hub: PlaceID, _ store: Store) throws -> Bool {
    let own = Section.allCases.map { PartitionID(store.identity.place, $0) }
    let dropped = try Places.ancestors(store).map { PartitionID($0, .public) }
    for partition in own + dropped {
      let received = try store.mark(of: hub, partition).received
      if try store.lacking(partition, beyond: received) > 0 { return false }
    }
    return true
  }

  /// Drops the `public` of places that are not above this one any more, once those above it are
  /// known by their records.
  private static func leave(_ store: Store) throws {
    let ancestors = try Places.ancestors(store)
    guard let uppermost = ancestors.last, try Places.recorded(store, uppermost) != nil else {
      return
    }
    let before = try store.meta(Places.Meta.wereAbove) ?? ""
    let now = ancestors.map(\.description).joined(separator: " ")
    guard before != now else { return }
    for place in before.split(separator: " ").compactMap(Places.id)
    where !ancestors.contains(place) && place != store.identity.place {
      try store.drop(PartitionID(place, .public))
    }
    try store.setMeta(Places.Meta.wereAbove, now)
  }
}
