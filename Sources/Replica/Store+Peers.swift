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

  package init(
    received: VersionVector = .init(), safe: VersionVector = .init(),
    acknowledged: VersionVector = .init()
  ) {
    self.received = received
    self.safe = safe
    self.acknowledged = acknowledged
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
      "SELECT received, safe, acknowledged FROM peer WHERE place = ? AND partition = ?")
    select.bind(1, Int64(bitPattern: peer.bits))
    select.bind(2, live.number)
    defer { select.reset() }
    guard try select.step() else { return PeerMark() }
    var vectors: [VersionVector] = []
    for column in Int32(0)..<3 {
      var reader = ByteReader(Array(select.bytes(column)))
      vectors.append(
        try damaged { () throws(ByteReader.Malformed) in try reader.vector() })
    }
    return PeerMark(received: vectors[0], safe: vectors[1], acknowledged: vectors[2])
  }

  package func setMark(
    of peer: PlaceID, _ partition: PartitionID, _ mark: PeerMark
  ) throws(ReplicaError) {
    let live = try open(partition)
    let upsert = try literal("INSERT OR REPLACE INTO peer VALUES (?, ?, ?, ?, ?)")
    upsert.bind(1, Int64(bitPattern: peer.bits))
    upsert.bind(2, live.number)
    var position: Int32 = 3
    for vector in [mark.received, mark.safe, mark.acknowledged] {
      var writer = ByteWriter()
      writer.vector(vector)
      upsert.bind(position, copying: writer.bytes)
      position += 1
    }
    try upsert.run()
  }

  package func contact(_ peer: PlaceID) throws(ReplicaError) -> Contact {
    let select = try literal(
      """
      SELECT heard, number, refused_catalogue, lacking, sent, standing, route FROM contact
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
    return contact
  }

  package func setContact(_ peer: PlaceID, _ contact: Contact) throws(ReplicaError) {
    let upsert = try literal("INSERT OR REPLACE INTO contact VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
    upsert.bind(1, Int64(bitPattern: peer.bits))
    if let heard = contact.heard { upsert.bind(2, heard) } else { upsert.bindNull(2) }
    upsert.bind(3, Int64(contact.number))
    bind(contact.refusedCatalogue, 4, upsert)
    bind(contact.lacking, 5, upsert)
    upsert.bind(6, Int64(contact.sent))
    upsert.bind(7, Int64(contact.standing))
    if let route = contact.route { upsert.bind(8, copying: route) } else { upsert.bindNull(8) }
    try upsert.run()
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
    insert.bind(3, surroundings.wall())
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
