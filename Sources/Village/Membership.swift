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

  /// What to do about a place that is known by another name.
  package enum OtherName: Sendable {
    case refuse
    case rename
  }

  /// Makes a place below this hub known and returns its invitation. Inviting a place again gives
  /// the same invitation.
  ///
  /// Throws `not_owner` at a station, `not_below`, and `place_exists` if the place is there under
  /// another name that is not to be changed: the code may be a slip of the hand.
  package static func invite(
    _ store: Store, code: PlaceCode, name: String, url: String? = nil,
    ifNamedOtherwise: OtherName = .refuse
  ) throws -> Invitation {
    guard store.identity.role == .hub else {
      throw VillageError(.notOwner, "only a hub can invite", hint: "run this at the hub's folder")
    }
    let own = try Places.own(store)
    guard own.code.isAbove(code) else {
      throw VillageError(
        .notBelow, "\(code) does not lie below \(own.code) \(own.name)",
        hint: "invite places whose code begins with \(own.code)")
    }
    let place = Place(id: code.foundingID, code: code, name: name, zone: own.zone)
    let records = try store.records(Village.place, in: PartitionID(place.id, .public))
    if let known = records.first {
      try keep(known, as: place, ifNamedOtherwise, store)
    } else {
      try record(store, place)
    }
    return Invitation(
      place: place.id, code: code, name: name, zone: own.zone,
      ancestors: [own.id] + (try Places.ancestors(store)), hubName: own.name,
      url: try url ?? Self.url(store))
  }

  private static func keep(
    _ known: RecordView, as place: Place, _ ifNamedOtherwise: OtherName, _ store: Store
  ) throws {
    let name = known.text("name") ?? ""
    guard name != place.name else { return }
    guard ifNamedOtherwise == .rename else {
      throw VillageError(
        .placeExists, "\(place.code) is there already and is called \(name), not \(place.name)",
        hint: "check the code; or give its name as it is, or rename it with --rename")
    }
    try store.update(
      Village.place, known.id, in: PartitionID(place.id, .public), [("name", .text(place.name))])
  }

  /// Makes a new replica the station that an invitation was for.
  package static func join(_ store: Store, _ invitation: Invitation) throws {
    try store.setMeta(Places.Meta.zone, invitation.zone.description)
    try store.setMeta(
      Places.Meta.ancestors, invitation.ancestors.map(\.description).joined(separator: " "))
    if let url = invitation.url { try setURL(store, url) }
    try note(store, code: invitation.code, name: invitation.name)
  }

  /// Where the hub listens: this one, or the one above this replica. Nil if it is not known.
  package static func url(_ store: Store) throws -> String? { try store.meta(Places.Meta.url) }

  package static func setURL(_ store: Store, _ url: String) throws {
    try store.setMeta(Places.Meta.url, url)
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
