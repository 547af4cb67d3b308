package import Causality
internal import Records
internal import Wording

extension Store {
  /// The partition, or nil if nothing of it was ever held.
  func find(_ id: PartitionID) throws(ReplicaError) -> LivePartition? {
    if let known = partitions[id] { return known }
    let select = try literal(
      "SELECT id, leaves, digest, safe FROM partition WHERE place = ? AND section = ?")
    select.bind(1, Int64(bitPattern: id.place.bits))
    select.bind(2, Int64(id.section.rawValue))
    guard try select.step() else {
      select.reset()
      return nil
    }
    let number = select.integer(0)
    let leaves = Array(select.bytes(1))
    let digest = Array(select.bytes(2))
    let safe = Array(select.bytes(3))
    select.reset()
    var reader = ByteReader(leaves)
    var vector = VersionVector()
    while !reader.isAtEnd {
      let leaf = try epoch(
        number: Int64(
          clamping: try damaged { () throws(ByteReader.Malformed) in try reader.varint() }))
      vector.insert(Dot(leaf.epoch, leaf.seen))
    }
    var digestReader = ByteReader(digest)
    let (low, high) = try damaged { () throws(ByteReader.Malformed) in
      (try digestReader.fixed(), try digestReader.fixed())
    }
    let partition = LivePartition(
      number: number, id: id, vector: vector, digest: Digest(low: low, high: high),
      safe: try self.vector(safe))
    partitions[id] = partition
    return partition
  }

  /// The partition, made if it is new here.
  func open(_ id: PartitionID) throws(ReplicaError) -> LivePartition {
    if let known = try find(id) { return known }
    let insert = try literal(
      """
      INSERT INTO partition (place, section, leaves, digest, safe) VALUES (?, ?, x'', ?, x'')
      RETURNING id
      """)
    insert.bind(1, Int64(bitPattern: id.place.bits))
    insert.bind(2, Int64(id.section.rawValue))
    insert.bind(3, copying: Self.bytes(Digest()))
    guard try insert.step() else { throw ReplicaError(.diskError, "no row came back") }
    let partition = LivePartition(
      number: insert.integer(0), id: id, vector: VersionVector(), digest: Digest(),
      safe: VersionVector())
    insert.reset()
    partitions[id] = partition
    return partition
  }

  func save(_ partition: LivePartition) throws(ReplicaError) {
    var leaves = ByteWriter()
    for entry in partition.vector.entries {
      leaves.varint(UInt64(try intern(entry.epoch).number))
    }
    let update = try literal("UPDATE partition SET leaves = ?, digest = ? WHERE id = ?")
    update.bind(1, copying: leaves.bytes)
    update.bind(2, copying: Self.bytes(partition.digest))
    update.bind(3, partition.number)
    try update.run()
    partition.isChanged = false
  }

  /// Notes what of a partition is in a verified backup.
  package func setSafe(_ id: PartitionID, _ vector: VersionVector) throws(ReplicaError) {
    let partition = try open(id)
    guard partition.safe != vector else { return }
    partition.safe = vector
    let update = try literal("UPDATE partition SET safe = ? WHERE id = ?")
    update.bind(1, copying: Self.bytes(vector))
    update.bind(2, partition.number)
    try update.run()
  }

  /// A vector that stands by itself: with the bits of its epochs.
  static func bytes(_ vector: VersionVector) -> [UInt8] {
    guard !vector.isEmpty else { return [] }
    var writer = ByteWriter()
    writer.vector(vector)
    return writer.bytes
  }

  func vector(_ bytes: [UInt8]) throws(ReplicaError) -> VersionVector {
    guard !bytes.isEmpty else { return VersionVector() }
    var reader = ByteReader(bytes)
    return try damaged { () throws(ByteReader.Malformed) in try reader.vector() }
  }

  private static func bytes(_ digest: Digest) -> [UInt8] {
    var writer = ByteWriter()
    writer.fixed(digest.low)
    writer.fixed(digest.high)
    return writer.bytes
  }

  /// All partitions held, in the order of travel.
  package func partitionIDs() throws(ReplicaError) -> [PartitionID] {
    var ids: [PartitionID] = []
    try literal("SELECT place, section FROM partition").eachRow { row in
      guard let section = Section(rawValue: UInt8(truncatingIfNeeded: row.integer(1))) else {
        return
      }
      ids.append(PartitionID(PlaceID(bits: UInt64(bitPattern: row.integer(0))), section))
    }
    return ids.sorted()
  }

  /// Vector and digest; the empty ones for a partition of which nothing is held.
  package func summary(_ id: PartitionID) throws(ReplicaError) -> PartitionSummary {
    guard let partition = try find(id) else {
      return PartitionSummary(id: id)
    }
    return PartitionSummary(
      id: id, vector: partition.vector, digest: try digest(of: partition), safe: partition.safe)
  }

  /// The births of a partition.
  package func ancestry(_ id: PartitionID) throws(ReplicaError) -> Ancestry {
    guard let partition = try find(id) else { return Ancestry() }
    return try ancestry(of: partition)
  }

  /// The digest that travels. A log's chains stand for all its events, so its digest is made of
  /// the chain values at its leaves.
  func digest(of partition: LivePartition) throws(ReplicaError) -> UInt64 {
    if try isDoubted(partition.id) { return 0 }
    guard partition.id.section.holdsEvents else { return partition.digest.short }
    var digest = Digest()
    for entry in partition.vector.entries {
      guard let chain = try chainValue(of: entry.epoch, at: entry.sequence) else { return 0 }
      digest.add(Canonical.epoch(entry.dot, chain: chain))
    }
    return digest.short
  }

  /// The births of a partition.
  func ancestry(of partition: LivePartition) throws(ReplicaError) -> Ancestry {
    if let known = partition.ancestry { return known }
    var births: [Birth] = []
    let select = try literal("SELECT id FROM epoch WHERE partition = ? ORDER BY id")
    var numbers: [Int64] = []
    select.bind(1, partition.number)
    try select.eachRow { numbers.append($0.integer(0)) }
    for number in numbers {
      if let birth = try epoch(number: number).birth { births.append(birth) }
    }
    var ancestry = Ancestry()
    // Numbers mostly go up from parents to children; not where an epoch was named before its birth
    // was known: such births wait for a further turn.
    var count = births.count + 1
    while !births.isEmpty {
      guard births.count < count else {
        throw ReplicaError(.databaseDamaged, "the births of \(partition.id) do not fit together")
      }
      count = births.count
      births.removeAll { birth in (try? ancestry.insert(birth)) != nil }
    }
    partition.ancestry = ancestry
    return ancestry
  }

  /// What was stored must read back; if not, the database is damaged.
  func damaged<Result>(
    _ body: () throws(ByteReader.Malformed) -> Result
  ) throws(ReplicaError) -> Result {
    do { return try body() } catch {
      throw ReplicaError(
        .databaseDamaged, "stored bytes cannot be read",
        hint: "run `yizhan check`, then `yizhan repair`")
    }
  }
}
