package import Causality
internal import Records
package import Replica
package import Trust
internal import Wording

/// A place as a replica knows it.
package struct Place: Sendable, Equatable {
  package let id: PlaceID
  package let code: PlaceCode
  package let name: String
  package let zone: TimeZoneOffset
  package var role = Role.station
  /// The hub above it; nil for the uppermost.
  package var hub: PlaceID?
  /// The hub that it last reported to: another than `hub` while it moves.
  package var reached: PlaceID?
  /// All hubs that it was ever put under, if it was moved.
  package var hubs: [PlaceID] = []
  /// Since when it reported to which, by time, if it was moved.
  package var stays: [Stay] = []
  /// Where it finds its hub after a move.
  package var hubURL: String?
  /// What the hub above says of its keys, once it has shown them there; the uppermost hub says it of
  /// itself.
  package var certificate: Certificate?
  /// Those of the hub that it was ordered to.
  package var hubKeys: PublicKeys?
  /// Keys that were its own and are not believed any more.
  package var revokedKeys: [PublicKeys] = []
  /// Silent for good, as an operator has said: nobody waits for it.
  package var isRetired = false

  /// What it signs and reads with.
  package var publicKeys: PublicKeys? { certificate?.publicKeys }

  package init(id: PlaceID, code: PlaceCode, name: String, zone: TimeZoneOffset) {
    self.id = id
    self.code = code
    self.name = name
    self.zone = zone
  }
}

/// The places that a replica holds something of. A place's record lives in its own `public`
/// partition, written by the hub above, so that a station carries its own place and no others.
package enum Places {
  /// The place whose replica this is.
  package static func own(_ store: Store) throws -> Place {
    let id = store.identity.place
    if let place = try recorded(store, id) { return place }
    guard let code = try store.meta(Meta.code).flatMap({ PlaceCode($0) }),
      let name = try store.meta(Meta.name)
    else {
      throw VillageError(
        .unknownPlace, "this folder does not say which place it is for",
        hint: "its making was cut short: take it away and set it up again")
    }
    return Place(id: id, code: code, name: name, zone: try zone(store))
  }

  /// Every place with a record here, by code.
  package static func all(_ store: Store) throws -> [Place] {
    var places: [Place] = []
    for partition in try store.partitionIDs() where partition.section == .public {
      if let place = try recorded(store, partition.place) { places.append(place) }
    }
    if !places.contains(where: { $0.id == store.identity.place }) {
      places.append(try own(store))
    }
    return places.sorted { ($0.code, $0.id) < ($1.code, $1.id) }
  }

  /// The codes of all places with a record here.
  package static func codes(_ store: Store) throws -> [PlaceID: String] {
    Dictionary(
      try all(store).map { ($0.id, $0.code.dotted) }, uniquingKeysWith: { first, _ in first })
  }

  /// The place of this id, if it is known here.
  package static func find(_ store: Store, id: PlaceID) throws -> Place? {
    id == store.identity.place ? try own(store) : try recorded(store, id)
  }

  /// The place that has this code now, if it is known here.
  package static func find(_ store: Store, code: PlaceCode) throws -> Place? {
    if let place = try recorded(store, code.foundingID), place.code == code { return place }
    for record in try store.records(Village.place, "code", is: .text(code.dotted)) {
      if let place = try recorded(store, record.partition.place), place.code == code {
        return place
      }
    }
    return nil
  }

  /// The one place of this code or name.
  ///
  /// Throws `unknown_place` and `ambiguous_place`.
  package static func find(_ store: Store, _ codeOrName: String) throws -> Place {
    let code = PlaceCode(codeOrName)
    if let code, let place = try recorded(store, code.foundingID), place.code == code {
      return place
    }
    let all = try all(store)
    let found = all.filter { $0.code == code || $0.name == codeOrName }
    if found.count == 1 { return found[0] }
    guard found.isEmpty else { throw ambiguous(codeOrName, found) }
    let known = Message.list(all.map { "\($0.code) \($0.name)" }, atMost: 20)
    throw VillageError(
      .unknownPlace, "there is no place \(codeOrName) here",
      hint: "known are \(known)")
  }

  static func ambiguous(_ name: String, _ found: [Place]) -> VillageError {
    VillageError(
      .ambiguousPlace, "more than one place is called “\(CellText.shown(name))”",
      hint: "give the code: \(Message.list(found.map { "\($0.code) \($0.name)" }))")
  }

  /// The hub that this replica exchanges bundles with, or nil.
  package static func hub(_ store: Store) throws -> PlaceID? {
    try store.meta(Meta.hub).flatMap(id) ?? invited(store).first
  }

  /// The code by which this place was invited last.
  package static func invitedCode(_ store: Store) throws -> PlaceCode? {
    try store.meta(Meta.code).flatMap { PlaceCode($0) }
  }

  /// The places above this one as the invitation named them.
  private static func invited(_ store: Store) throws -> [PlaceID] {
    (try store.meta(Meta.ancestors) ?? "").split(separator: " ").compactMap(id)
  }

  /// The places above this replica's own, the nearest first. What their records do not say yet the
  /// invitation said.
  package static func ancestors(_ store: Store) throws -> [PlaceID] {
    let invited = try invited(store)
    var ancestors: [PlaceID] = []
    var next = try hub(store)
    while let id = next, id != store.identity.place, !ancestors.contains(id) {
      ancestors.append(id)
      let further = invited.firstIndex(of: id).flatMap { invited[($0 + 1)...].first }
      next = try recorded(store, id)?.hub ?? further
    }
    return ancestors
  }

  static func id(_ text: some StringProtocol) -> PlaceID? {
    Epoch(String(text)).map { PlaceID(bits: $0.bits) }
  }

  /// The hub of a place that was below this one and has gone elsewhere; nil for all others.
  static func otherHub(of place: PlaceID, _ store: Store) throws -> PlaceID? {
    let own = store.identity.place
    guard place != own, try !ancestors(store).contains(place),
      let known = try recorded(store, place), let hub = known.hub
    else { return nil }
    let isBelow = try [hub, known.reached].contains { start in
      try Tree.isAtOrAbove(own, start) { try recorded(store, $0) }
    }
    return isBelow ? nil : hub
  }

  /// Whether a place belongs to this one's affairs: itself, those above it, those below it. What is
  /// held of others is of a time that is past.
  static func isCurrent(_ place: PlaceID, _ store: Store) throws -> Bool {
    if try place == store.identity.place || ancestors(store).contains(place) { return true }
    guard store.identity.role == .hub else { return false }
    return try otherHub(of: place, store) == nil
  }

  /// The time zone of the tree.
  package static func zone(_ store: Store) throws -> TimeZoneOffset {
    (try store.meta(Meta.zone)).flatMap { TimeZoneOffset($0) } ?? .china
  }

  package static func recorded(_ store: Store, _ id: PlaceID) throws -> Place? {
    guard let record = try record(store, id),
      let code = record.text("code").flatMap({ PlaceCode($0) })
    else { return nil }
    var place = Place(
      id: id, code: code, name: record.text("name") ?? code.dotted,
      zone: record.text("zone").flatMap { TimeZoneOffset($0) } ?? .china)
    place.role = record.text("role") == RoleName.hub ? .hub : .station
    place.hub = record.text("hub").flatMap(Self.id)
    place.reached = record.text("reached").flatMap(Self.id)
    let lines = (record.text("hubs") ?? "").split(separator: "\n")
    place.hubs = lines.compactMap(Self.id)
    place.stays = lines.compactMap { Stay(line: $0) }.sorted {
      ($0.since, $0.hub) < ($1.since, $1.hub)
    }
    place.hubURL = record.text("hub_url")
    place.certificate = record.text("certificate").flatMap { Keyring.certificate($0) }
    place.hubKeys = record.text("hub_keys").flatMap { Keyring.keys($0) }
    place.revokedKeys = (record.text("revoked_keys") ?? "").split(separator: "\n").compactMap {
      Keyring.keys($0)
    }
    place.isRetired = record.text("retired") != nil
    return place
  }

  /// The record of a place. Two hubs may have made one each, of a hub that was founded before it
  /// was invited: then all replicas take the same.
  static func record(_ store: Store, _ id: PlaceID) throws -> RecordView? {
    try store.records(Village.place, in: PartitionID(id, .public)).min { $0.id < $1.id }
  }

  /// When a place was first made known by the hub above it; nil if that is not known, or cannot be.
  static func enrolled(_ id: PlaceID, _ store: Store) throws -> Instant? {
    let written = try store.records(Village.place, in: PartitionID(id, .public)).compactMap {
      try store.firstWritten(Village.place, $0.id)
    }
    guard let first = written.min(), first.milliseconds <= store.now else { return nil }
    return Instant(seconds: first.milliseconds / 1000)
  }

  enum RoleName {
    static let hub = "hub"
    static let station = "station"
  }

  enum Meta {
    static let code = "code"
    static let name = "name"
    static let zone = "zone"
    static let ancestors = "ancestors"
    /// The hub that bundles are exchanged with.
    static let hub = "hub"
    /// The hub to move to, once its order was read.
    static let movingTo = "moving_to"
    /// What the place's record said of its hub when it was put under another by hand.
    static let outdatedHub = "outdated_hub"
    /// The places that were above last.
    static let wereAbove = "were_above"
    /// Where this hub listens.
    static let url = "url"
    /// Where the hub above listens.
    static let hubURL = "hub_url"
    /// The address that the command line gave last, and for which hub.
    static let givenURL = "given_url"
  }
}
