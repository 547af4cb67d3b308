internal import Causality
internal import Records
package import Replica

/// How a tree of places comes to be: a hub founds it, invites stations, stations join.
package enum Membership {
  /// Makes a new replica the hub of a place that nobody is above yet.
  package static func found(
    _ store: Store, code: PlaceCode, name: String, zone: TimeZoneOffset
  ) throws {
    try store.setMeta(Places.Meta.zone, zone.description)
    try note(store, code: code, name: name)
    try record(store, Place(id: store.identity.place, code: code, name: name, zone: zone))
  }

  /// Makes a place below this hub known and returns its invitation. Inviting a place again gives
  /// the same invitation.
  package static func invite(
    _ store: Store, code: PlaceCode, name: String
  ) throws -> Invitation {
    guard store.identity.role == .hub else {
      throw VillageError(.notOwner, "only a hub can invite", hint: "run this at the hub's folder")
    }
    let own = try Places.own(store)
    guard own.code.isAbove(code) else {
      throw VillageError(
        .unknownPlace, "\(code) does not lie below \(own.code) \(own.name)",
        hint: "invite places whose code begins with \(own.code)")
    }
    let place = Place(id: code.foundingID, code: code, name: name, zone: own.zone)
    let records = try store.records(Village.place, in: PartitionID(place.id, .public))
    if let known = records.first {
      if known.text("name") != name {
        try store.update(
          Village.place, known.id, in: PartitionID(place.id, .public), [("name", .text(name))])
      }
    } else {
      try record(store, place)
    }
    return Invitation(
      place: place.id, code: code, name: name, zone: own.zone,
      ancestors: [own.id] + (try Places.ancestors(store)), hubName: own.name, url: nil)
  }

  /// Makes a new replica the station that an invitation was for.
  package static func join(_ store: Store, _ invitation: Invitation) throws {
    try store.setMeta(Places.Meta.zone, invitation.zone.description)
    try store.setMeta(
      Places.Meta.ancestors, invitation.ancestors.map(\.description).joined(separator: " "))
    try note(store, code: invitation.code, name: invitation.name)
  }

  private static func note(_ store: Store, code: PlaceCode, name: String) throws {
    try store.setMeta(Places.Meta.code, code.dotted)
    try store.setMeta(Places.Meta.name, name)
  }

  private static func record(_ store: Store, _ place: Place) throws {
    _ = try store.create(
      Village.place, in: PartitionID(place.id, .public),
      [
        ("code", .text(place.code.dotted)), ("name", .text(place.name)),
        ("zone", .text(place.zone.description)),
      ])
  }
}
