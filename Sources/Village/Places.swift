package import Causality
internal import Records
package import Replica

/// A place as a replica knows it.
package struct Place: Sendable, Equatable {
  package let id: PlaceID
  package let code: PlaceCode
  package let name: String
  package let zone: TimeZoneOffset

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
    let known = all.prefix(20).map { "\($0.code) \($0.name)" }.joined(separator: ", ")
    throw VillageError(
      .unknownPlace, "there is no place \(codeOrName) here",
      hint: "known are \(known)\(all.count > 20 ? " and \(all.count - 20) more" : "")")
  }

  static func ambiguous(_ name: String, _ found: [Place]) -> VillageError {
    VillageError(
      .ambiguousPlace, "more than one place is called “\(CellText.shown(name))”",
      hint: "give the code: " + found.map { "\($0.code) \($0.name)" }.joined(separator: ", "))
  }

  /// The places above this replica's own, the nearest first.
  package static func ancestors(_ store: Store) throws -> [PlaceID] {
    (try store.meta(Meta.ancestors) ?? "").split(separator: " ")
      .compactMap { Epoch($0).map { PlaceID(bits: $0.bits) } }
  }

  /// The time zone of the tree.
  package static func zone(_ store: Store) throws -> TimeZoneOffset {
    (try store.meta(Meta.zone)).flatMap { TimeZoneOffset($0) } ?? .china
  }

  private static func recorded(_ store: Store, _ id: PlaceID) throws -> Place? {
    guard
      let record = try store.records(Village.place, in: PartitionID(id, .public)).first,
      let code = record.text("code").flatMap({ PlaceCode($0) })
    else { return nil }
    return Place(
      id: id, code: code, name: record.text("name") ?? code.dotted,
      zone: record.text("zone").flatMap { TimeZoneOffset($0) } ?? .china)
  }

  enum Meta {
    static let code = "code"
    static let name = "name"
    static let zone = "zone"
    static let ancestors = "ancestors"
    static let url = "url"
  }
}
