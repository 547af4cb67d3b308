package import Bundles
package import Causality
internal import Records

/// What a peer told last of one partition. Replaced by the next telling, never joined: a peer
/// that was set back holds less than it did (design 3).
package struct PeerMark: Equatable, Sendable {
  /// What the peer has durably merged.
  package var received: VersionVector
  /// What the peer has in a verified backup.
  package var safe: VersionVector
  /// What the peer knows that this replica holds.
  package var acknowledged: VersionVector
  /// What the peer knows to be in a verified backup here.
  package var acknowledgedSafe: VersionVector

  package init(
    received: VersionVector = .init(), safe: VersionVector = .init(),
    acknowledged: VersionVector = .init(), acknowledgedSafe: VersionVector = .init()
  ) {
    self.received = received
    self.safe = safe
    self.acknowledged = acknowledged
    self.acknowledgedSafe = acknowledgedSafe
  }
}

/// When and how a peer was last in touch.
package struct Contact: Equatable, Sendable {
  /// Milliseconds since 1970 by this machine's clock; nil if never.
  package var heard: Int64?
  /// The number of the last bundle from the peer.
  package var number: UInt64
  /// A catalogue that the peer has said it lacks.
  package var refusedCatalogue: UInt64?
  /// A catalogue that the peer used and this replica lacks.
  package var lacking: UInt64?
  /// The number of the last bundle to the peer.
  package var sent: UInt64
  /// How far the two understand each other, as the session numbers it.
  package var standing: Int
  /// By what the last bundle from the peer came.
  package var route: String?
  /// Until when what the peer itself logged is held here: seconds since 1970 by the peer's clock.
  package var reach: Int64?

  package init() {
    number = 0
    sent = 0
    standing = 0
  }
}

extension Store {
  package func mark(
    of peer: PlaceID, _ partition: PartitionID
  ) throws(ReplicaError) -> PeerMark {
    guard let live = try find(partition) else { return PeerMark() }
    let select = try literal(
      """
      SELECT received, safe, acknowledged, acknowledged_safe FROM peer
      WHERE place = ? AND partition = ?
      """)
    select.bind(1, Int64(bitPattern: peer.bits))
    select.bind(2, live.number)
    defer { select.reset() }
    guard try select.step() else { return PeerMark() }
    return PeerMark(
      received: try vector(Array(select.bytes(0))), safe: try vector(Array(select.bytes(1))),
      acknowledged: try vector(Array(select.bytes(2))),
      acknowledgedSafe: try vector(Array(select.bytes(3))))
  }

  /// The partitions of which a peer has told to hold what is not held here, in the order of travel.
  package func surpassed(by peer: PlaceID) throws(ReplicaError) -> [PartitionID] {
    let select = try literal("SELECT partition FROM peer WHERE place = ?")
    select.bind(1, Int64(bitPattern: peer.bits))
    var numbers: [Int64] = []
    try select.eachRow { numbers.append($0.integer(0)) }
    var ids: [PartitionID] = []
    for number in numbers {
      guard let id = try partitionID(number) else { continue }
      if try !holds(id, mark(of: peer, id).received) { ids.append(id) }
    }
    return ids.sorted()
  }

  package func setMark(
    of peer: PlaceID, _ partition: PartitionID, _ mark: PeerMark
  ) throws(ReplicaError) {
    let live = try open(partition)
    let upsert = try literal("INSERT OR REPLACE INTO peer VALUES (?, ?, ?, ?, ?, ?)")
    upsert.bind(1, Int64(bitPattern: peer.bits))
    upsert.bind(2, live.number)
    var position: Int32 = 3
    for vector in [mark.received, mark.safe, mark.acknowledged, mark.acknowledgedSafe] {
      upsert.bind(position, copying: Self.bytes(vector))
      position += 1
    }
    try upsert.run()
  }

  package func contact(_ peer: PlaceID) throws(ReplicaError) -> Contact {
    let select = try literal(
      """
      SELECT heard, number, refused_catalogue, lacking, sent, standing, route, reach FROM contact
      WHERE place = ?
      """)
    select.bind(1, Int64(bitPattern: peer.bits))
    defer { select.reset() }
    var contact = Contact()
    guard try select.step() else { return contact }
    contact.heard = select.isNull(0) ? nil : select.integer(0)
    contact.number = UInt64(clamping: select.integer(1))
    contact.refusedCatalogue = select.isNull(2) ? nil : UInt64(bitPattern: select.integer(2))
    contact.lacking = select.isNull(3) ? nil : UInt64(bitPattern: select.integer(3))
    contact.sent = UInt64(clamping: select.integer(4))
    contact.standing = Int(select.integer(5))
    contact.route = select.isNull(6) ? nil : select.text(6)
    contact.reach = select.isNull(7) ? nil : select.integer(7)
    return contact
  }

  package func setContact(_ peer: PlaceID, _ contact: Contact) throws(ReplicaError) {
    let upsert = try literal("INSERT OR REPLACE INTO contact VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
    upsert.bind(1, Int64(bitPattern: peer.bits))
    if let heard = contact.heard { upsert.bind(2, heard) } else { upsert.bindNull(2) }
    upsert.bind(3, Int64(contact.number))
    bind(contact.refusedCatalogue, 4, upsert)
    bind(contact.lacking, 5, upsert)
    upsert.bind(6, Int64(contact.sent))
    upsert.bind(7, Int64(contact.standing))
    if let route = contact.route { upsert.bind(8, copying: route) } else { upsert.bindNull(8) }
    if let reach = contact.reach { upsert.bind(9, reach) } else { upsert.bindNull(9) }
    try upsert.run()
  }

  // MARK: Refusals

  /// Who refused what a peer or this replica sent last.
  package enum Refuser: Int64, Sendable {
    case peer = 0
    case here = 1
  }

  package struct PeerRefusal: Equatable, Sendable {
    package let partition: PartitionID
    /// Milliseconds since 1970, as well as the replica knows.
    package let at: Int64
    /// Empty if nothing was refused and only a receipt is owed.
    package let code: String

    package var refused: String? { code.isEmpty ? nil : code }
  }

  package func refusals(
    _ refuser: Refuser, with peer: PlaceID
  ) throws(ReplicaError) -> [PeerRefusal] {
    let select = try literal(
      "SELECT partition, at, code FROM refusal WHERE place = ? AND is_own = ?")
    select.bind(1, Int64(bitPattern: peer.bits))
    select.bind(2, refuser.rawValue)
    var rows: [(Int64, Int64, String)] = []
    try select.eachRow { rows.append(($0.integer(0), $0.integer(1), $0.text(2))) }
    var refusals: [PeerRefusal] = []
    for (number, at, code) in rows {
      guard let partition = try partitionID(number) else { continue }
      refusals.append(PeerRefusal(partition: partition, at: at, code: code))
    }
    return refusals.sorted { $0.partition < $1.partition }
  }

  /// Replaces what was noted: what a later bundle has made good is no refusal any more.
  package func setRefusals(
    _ refuser: Refuser, with peer: PlaceID, _ refusals: [(partition: PartitionID, code: String)]
  ) throws(ReplicaError) {
    let delete = try literal("DELETE FROM refusal WHERE place = ? AND is_own = ?")
    delete.bind(1, Int64(bitPattern: peer.bits))
    delete.bind(2, refuser.rawValue)
    try delete.run()
    for refusal in refusals {
      let insert = try literal("INSERT OR REPLACE INTO refusal VALUES (?, ?, ?, ?, ?)")
      insert.bind(1, Int64(bitPattern: peer.bits))
      insert.bind(2, try open(refusal.partition).number)
      insert.bind(3, refuser.rawValue)
      insert.bind(4, now)
      insert.bind(5, copying: refusal.code)
      try insert.run()
    }
  }

  private func bind(_ bits: UInt64?, _ position: Int32, _ statement: Statement) {
    if let bits {
      statement.bind(position, Int64(bitPattern: bits))
    } else {
      statement.bindNull(position)
    }
  }

  // MARK: Catalogues

  package func catalogue(_ identity: UInt64) throws(ReplicaError) -> Catalogue? {
    if let known = catalogues[identity] { return known.catalogue }
    let select = try literal("SELECT bytes FROM catalogue WHERE identity = ?")
    select.bind(1, Int64(bitPattern: identity))
    defer { select.reset() }
    guard try select.step() else { return nil }
    let bytes = Array(select.bytes(0))
    let catalogue = try damaged { () throws(ByteReader.Malformed) in try Catalogue(bytes: bytes) }
    catalogues[identity] = CatalogueEntry(catalogue: catalogue)
    return catalogue
  }

  /// Keeps a catalogue, so that peers may refer to it from now on.
  package func keep(_ catalogue: Catalogue) throws(ReplicaError) {
    guard catalogues[catalogue.identity] == nil else { return }
    let insert = try literal("INSERT OR IGNORE INTO catalogue VALUES (?, ?, ?)")
    insert.bind(1, Int64(bitPattern: catalogue.identity))
    insert.bind(2, copying: catalogue.bytes)
    insert.bind(3, now)
    try insert.run()
    catalogues[catalogue.identity] = CatalogueEntry(catalogue: catalogue)
  }

  /// The catalogue of the records of `collection` in a partition as they are now, or nil if there
  /// are none. Made anew only when the partition has changed.
  package func currentCatalogue(
    of collection: String, key: String, attributes: [String], in partition: PartitionID
  ) throws(ReplicaError) -> Catalogue? {
    guard let declared = schema.record(collection), let live = try find(partition) else {
      return nil
    }
    let name = "catalogue \(partition)"
    let state = live.vector.description
    if let stored = try meta(name), stored.hasSuffix(" " + state),
      let identity = UInt64(stored.prefix { $0 != " " }, radix: 16)
    {
      return identity == 0 ? nil : try catalogue(identity)
    }
    var entries: [(key: [UInt8], attributes: [Value])] = []
    for record in try records(declared, in: partition).sorted(by: { $0.id < $1.id }) {
      guard let text = record.text(key) else { continue }
      entries.append((Array(text.utf8), attributes.map { record.values[$0] ?? .null }))
    }
    let catalogue = entries.isEmpty ? nil : Catalogue(entries)
    if let catalogue { try keep(catalogue) }
    try setMeta(name, String(catalogue?.identity ?? 0, radix: 16) + " " + state)
    return catalogue
  }
}

struct CatalogueEntry {
  let catalogue: Catalogue
}
