internal import Causality
package import Replica
internal import Trust

extension Membership {
  /// Notes anew what a damaged database has lost of who this place is and who is above it, from the
  /// records of places. Whether it is known now; if not, an invitation says it again.
  package static func recover(_ store: Store) throws -> Bool {
    let own = store.identity.place
    if try store.meta(Places.Meta.code) == nil, let place = try Places.recorded(store, own) {
      try store.setMeta(Places.Meta.code, place.code.dotted)
      try store.setMeta(Places.Meta.name, place.name)
      try store.setMeta(Places.Meta.zone, place.zone.description)
      if let hub = place.hub { try recover(hub: hub, of: place, store) }
    }
    guard try store.meta(Places.Meta.code) != nil else { return false }
    return try store.identity.role == .hub || Keyring.above(store) != nil
  }

  private static func recover(hub: PlaceID, of place: Place, _ store: Store) throws {
    var above: [PlaceID] = []
    var next: PlaceID? = hub
    while let id = next, !above.contains(id) {
      above.append(id)
      next = try Places.recorded(store, id)?.hub
    }
    try store.setMeta(
      Places.Meta.ancestors, above.map(\.description).joined(separator: " "))
    let keys = try Places.recorded(store, hub)?.publicKeys ?? place.hubKeys
    try go(store, to: hub, url: place.hubURL, keys: keys)
  }
}
