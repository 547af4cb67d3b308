package import Causality
internal import Records
package import Replica
package import Trust
internal import Wording

/// Which certificates are believed no more. A hub's lists stand in a record of its `public`, so they
/// travel as everything does; each replica keeps what it has seen of them, so nobody can take a list back.
package enum Revoking {
  /// Believes a certificate of a place below, and those before it, no more; nor those after it that this
  /// hub may have issued and forgotten when it was set back. The next is of the next `serialsSpan`.
  package static func revoke(_ certificate: Certificate, _ store: Store) throws {
    var serials = try known(of: store.identity.place, store).serials
    let last = certificate.serial | (serialsSpan - 1)
    serials[certificate.place] = max(serials[certificate.place] ?? 0, last)
    try issue(serials, store)
  }

  /// More than a place replaces its keys between two revocations; a power of two.
  package static let serialsSpan: UInt64 = 1 << 16

  /// Signs the list anew with the keys of today, unless it is signed with those.
  package static func reissue(_ store: Store) throws {
    if try isOfOlderKeys(store) { try issue(known(of: store.identity.place, store).serials, store) }
  }

  /// Whether this hub's latest list is signed with keys that it had before.
  static func isOfOlderKeys(_ store: Store) throws -> Bool {
    let keys = try Keyring.own(store).publicKeys
    let latest = try kept(of: store.identity.place, store).max { $0.number < $1.number }
    return latest.map { !$0.isSigned(by: keys) } ?? false
  }

  private static func issue(_ serials: [PlaceID: UInt64], _ store: Store) throws {
    let own = store.identity.place
    let list = Revocations(
      issuer: own, number: try known(of: own, store).number + 1,
      made: UInt64(max(0, store.now / 1000)), serials: serials,
      signedBy: try Keyring.own(store))
    let value = Value.text(Base64URL.encode(list.bytes))
    if let record = try record(of: own, store) {
      try store.update(Village.revocation, record.id, in: record.partition, [("lists", value)])
    } else {
      _ = try store.create(
        Village.revocation, in: PartitionID(own, .public), [("lists", value)])
    }
    try keep([list], of: own, store)
  }

  private static func record(of issuer: PlaceID, _ store: Store) throws -> RecordView? {
    try store.records(Village.revocation, in: PartitionID(issuer, .public)).min { $0.id < $1.id }
  }

  // MARK: What is known

  /// What all lists of an issuer that were ever seen here say together.
  package struct Known: Equatable, Sendable {
    /// The highest number.
    package fileprivate(set) var number: UInt64 = 0
    /// Seconds since 1970: of that list.
    package fileprivate(set) var made: UInt64 = 0
    package fileprivate(set) var serials: [PlaceID: UInt64] = [:]

    fileprivate mutating func add(_ list: Revocations) {
      if list.number > number { (number, made) = (list.number, list.made) }
      serials.merge(list.serials) { max($0, $1) }
    }
  }

  private static let kind = "revocations"

  package static func known(of issuer: PlaceID, _ store: Store) throws -> Known {
    var known = Known()
    for line in try kept(of: issuer, store) { known.add(line) }
    return known
  }

  private static func kept(of issuer: PlaceID, _ store: Store) throws -> [Revocations] {
    lists(String(decoding: try store.keepsake(kind, issuer.description) ?? [], as: UTF8.self))
  }

  private static func lists(_ text: String) -> [Revocations] {
    text.split(separator: "\n").compactMap { Base64URL.decode($0) }.compactMap { Revocations($0) }
  }

  /// Keeps those that say what no later one says.
  private static func keep(
    _ lists: [Revocations], of issuer: PlaceID, _ store: Store
  ) throws {
    let all = try kept(of: issuer, store) + lists
    var needed: [Revocations] = []
    for list in all.sorted(by: { $0.number > $1.number }) {
      let isOutdone = needed.contains { later in
        list.serials.allSatisfy { later.serials[$0.key] ?? 0 >= $0.value }
      }
      if !isOutdone { needed.append(list) }
    }
    let text = needed.map { Base64URL.encode($0.bytes) }.joined(separator: "\n")
    try store.keep(Array(text.utf8), kind, issuer.description)
  }

  /// Looks at the lists of this place and of those above it after something was merged. One whose
  /// highest number went back was rolled back by somebody: what was seen before goes on holding.
  package static func heard(_ store: Store) throws {
    for issuer in try [store.identity.place] + Places.ancestors(store) {
      guard let record = try record(of: issuer, store) else { continue }
      let keys = try keys(of: issuer, store)
      let kept = try kept(of: issuer, store)
      // What was believed once may be of keys that are not known any more.
      let lists = lists(record.text("lists") ?? "").filter { list in
        list.issuer == issuer && (kept.contains(list) || keys.contains { list.isSigned(by: $0) })
      }
      let known = try known(of: issuer, store)
      let number = lists.map(\.number).max() ?? 0
      if number < known.number {
        try store.raise(
          "revocations_set_back",
          "the list of revoked keys of \(try Places.find(store, id: issuer)?.name ?? issuer.description) went back; what is known of it goes on holding"
        )
      }
      var said = Known()
      for list in lists { said.add(list) }
      let isNew = said.serials.contains { known.serials[$0.key] ?? 0 < $0.value }
      if number > known.number || isNew { try keep(lists, of: issuer, store) }
    }
  }

  private static func keys(of issuer: PlaceID, _ store: Store) throws -> [PublicKeys] {
    if issuer == store.identity.place {
      // A machine that took this hub's place goes on with the lists of the one before.
      let record = try Places.recorded(store, issuer)
      return Keyring.all(store).map(\.publicKeys) + [record?.publicKeys].compactMap { $0 }
        + (record?.revokedKeys ?? [])
    }
    let pinned = try Places.hub(store) == issuer ? Keyring.above(store) : nil
    return [pinned, try Places.find(store, id: issuer)?.publicKeys].compactMap { $0 }
  }

  /// Up to which serial the certificates of a place are revoked, by this hub or one above it.
  package static func serial(of place: PlaceID, _ store: Store) throws -> UInt64 {
    try ([store.identity.place] + Places.ancestors(store)).reduce(0) { highest, issuer in
      max(highest, try known(of: issuer, store).serials[place] ?? 0)
    }
  }

  package static func isRevoked(_ certificate: Certificate, _ store: Store) throws -> Bool {
    try certificate.serial <= serial(of: certificate.place, store)
  }
}
