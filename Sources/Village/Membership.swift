package import Causality
internal import Records
package import Replica
internal import Trust
internal import Wording

/// How a tree of places comes to be: a hub founds it and invites stations and hubs, which join.
package enum Membership {
  /// Makes a new replica the hub of a place that nobody is above yet.
  package static func found(
    _ store: Store, code: PlaceCode, name: String, zone: TimeZoneOffset
  ) throws {
    try store.setMeta(Places.Meta.zone, zone.description)
    try note(store, code: code, name: name)
    var place = Place(id: store.identity.place, code: code, name: name, zone: zone)
    place.role = .hub
    if let keys = Keyring.all(store).first {
      place.certificate = Keyring.certificate(
        of: place, keys.publicKeys, serial: 1, by: keys, store)
    }
    try record(store, place)
  }

  /// What to do about a place that is known by another name.
  package enum OtherName: Sendable {
    case refuse
    case rename
  }

  /// Makes a place below this hub known and returns its invitation. Inviting a place again gives
  /// the same invitation, until it has expired; one that `replaces` is for another machine than has
  /// joined before, and good once.
  ///
  /// Throws `not_owner` at a station, `not_below`, and `place_exists` if the place is there under
  /// another name that is not to be changed: the code may be a slip of the hand.
  package static func invite(
    _ store: Store, code: PlaceCode, name: String, as role: Role = .station,
    url: String? = nil, ifNamedOtherwise: OtherName = .refuse, days: Int64 = Grant.daysDefault,
    replaces: Bool = false
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
    var place = Place(id: code.foundingID, code: code, name: name, zone: own.zone)
    place.role = role
    place.hub = own.id
    let known = try Places.find(store, code: code) ?? Places.recorded(store, place.id)
    if let known {
      guard known.code == code else {
        throw VillageError(
          .placeExists, "\(code) was the code of \(known.name), which is now \(known.code)",
          hint: "give the new place another code")
      }
      guard known.role == role || known.hub == nil else {
        let what: Message = known.role == .hub ? "a hub" : "a station"
        throw VillageError(
          .placeExists, "\(known.code) \(known.name) was invited as \(what)",
          hint: "invite it as \(what) again, with or without --hub")
      }
      place = try keep(known, named: name, ifNamedOtherwise, store)
    } else {
      try record(store, place)
    }
    return Invitation(
      place: place.id, code: place.code, name: name, zone: own.zone,
      ancestors: [own.id] + (try Places.ancestors(store)), hubName: own.name,
      url: try url ?? Self.url(store), role: place.role,
      hubKeys: try Keyring.own(store).publicKeys,
      secret: try grant(store, place, days: days, replaces: replaces).secret)
  }

  private static func grant(
    _ store: Store, _ place: Place, days: Int64, replaces: Bool
  ) throws -> Grant {
    let now = store.now / 1000
    if let known = try store.grant(of: place.id), known.usedBy != nil || now <= known.expires,
      !replaces || known.replaces && known.usedBy == nil
    {
      return known
    }
    guard let secret = InvitationSecret(store.randomBytes(InvitationSecret.bytesCount)) else {
      preconditionFailure("16 bytes are a secret")
    }
    let grant = Grant(
      secret: secret, expires: now + days * 86_400, replaces: replaces,
      replaced: replaces ? place.publicKeys : nil)
    try store.setGrant(of: place.id, grant)
    return grant
  }

  /// A place that is known already and is to be invited again.
  private static func keep(
    _ known: Place, named name: String, _ ifNamedOtherwise: OtherName, _ store: Store
  ) throws -> Place {
    guard known.hub ?? store.identity.place == store.identity.place else {
      throw VillageError(
        .placeExists, "\(known.code) \(known.name) is under another hub",
        hint: "invite it there; or move it here first with `yizhan hub move`")
    }
    if known.name != name {
      guard ifNamedOtherwise == .rename else {
        throw VillageError(
          .placeExists,
          "\(known.code) is there already and is called \(known.name), not \(name)",
          hint: "check the code; or give its name as it is, or rename it with --rename")
      }
      try update(store, known.id, [("name", .text(name))])
    }
    if known.hub == nil { try update(store, known.id, [("hub", text(store.identity.place))]) }
    if known.isRetired { try update(store, known.id, [("retired", .null)]) }
    return known
  }

  /// Makes this replica the one that an invitation was for: a new one, or one that is there already
  /// and gets another place above it.
  package static func join(_ store: Store, _ invitation: Invitation) throws {
    guard invitation.place == store.identity.place else {
      throw VillageError(
        .badInvitation, "the invitation is for \(invitation.code) \(invitation.name)",
        hint: "give --data of that place, or ask for an invitation for this one")
    }
    if let hub = try Places.hub(store), hub != invitation.ancestors[0] {
      store.endEpochs()
      let recorded = try Places.recorded(store, store.identity.place)?.hub
      try store.setMeta(Places.Meta.outdatedHub, recorded?.description ?? "")
    }
    try store.setMeta(Places.Meta.zone, invitation.zone.description)
    try store.setMeta(
      Places.Meta.ancestors, invitation.ancestors.map(\.description).joined(separator: " "))
    try note(store, code: invitation.code, name: invitation.name)
    try go(store, to: invitation.ancestors[0], url: invitation.url, keys: invitation.hubKeys)
    try Keyring.setInvitation(invitation.secret, store)
    // A hub that founded itself has made a record of its place; the inviting hub has made another,
    // which holds from now on and comes with its first bundle.
    if store.identity.role == .hub, let own = try Places.record(store, store.identity.place),
      own.text("hub") == nil
    {
      try store.delete(Village.place, own.id, in: own.partition)
    }
  }

  /// From now on bundles are exchanged with this hub.
  static func go(_ store: Store, to hub: PlaceID, url: String?, keys: PublicKeys?) throws {
    try Keyring.setAbove(keys, store)
    try store.setMeta(Places.Meta.hub, hub.description)
    try store.setMeta(Places.Meta.hubURL, url ?? "")
  }

  /// Where this hub listens. Nil if it never did.
  package static func url(_ store: Store) throws -> String? { try store.meta(Places.Meta.url) }

  package static func setURL(_ store: Store, _ url: String) throws {
    try store.setMeta(Places.Meta.url, url)
  }

  /// Where the hub above this replica listens. Nil if it is not known.
  package static func hubURL(_ store: Store) throws -> String? {
    try store.meta(Places.Meta.hubURL).flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The address that a command line gives holds for the hub of the time when it was first given:
  /// it may stand in a file that nobody changes when the place moves. Returns the one to go by.
  package static func hubURL(_ store: Store, given: String) throws -> String? {
    guard let hub = try Places.hub(store) else { return nil }
    let noted = try store.meta(Places.Meta.givenURL) ?? ""
    if noted.hasSuffix(" " + given), !noted.hasPrefix(hub.description) {
      return try hubURL(store)
    }
    let note = "\(hub) \(given)"
    if noted != note { try store.setMeta(Places.Meta.givenURL, note) }
    return given
  }

  private static func note(_ store: Store, code: PlaceCode, name: String) throws {
    try store.setMeta(Places.Meta.code, code.dotted)
    try store.setMeta(Places.Meta.name, name)
  }

  private static func record(_ store: Store, _ place: Place) throws {
    var values: [(name: String, value: Value)] = [
      ("code", .text(place.code.dotted)), ("name", .text(place.name)),
      ("zone", .text(place.zone.description)),
      ("role", .text(place.role == .hub ? Places.RoleName.hub : Places.RoleName.station)),
    ]
    if let hub = place.hub { values.append(("hub", text(hub))) }
    if let certificate = place.certificate {
      values.append(("certificate", Keyring.text(certificate)))
    }
    _ = try store.create(Village.place, in: PartitionID(place.id, .public), values)
  }

  static func update(
    _ store: Store, _ id: PlaceID, _ values: [(name: String, value: Value)]
  ) throws {
    guard let record = try Places.record(store, id) else {
      throw VillageError(
        .unknownPlace, "the record of this place has not come yet",
        hint: "exchange with the hub above first")
    }
    try store.update(Village.place, record.id, in: record.partition, values)
  }

  static func text(_ id: PlaceID) -> Value { .text(id.description) }
}
