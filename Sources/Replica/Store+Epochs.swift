internal import Causality
internal import Records
internal import Wording

extension Store {
  // MARK: Loading and saving

  func epoch(number: Int64) throws(ReplicaError) -> LiveEpoch {
    if let known = epochsByNumber[number] { return known }
    guard
      let loaded = try load(
        literal(
          """
          SELECT id, bits, partition, author, role, parents, seen, chain FROM epoch WHERE id = ?
          """), number)
    else {
      throw ReplicaError(.databaseDamaged, "epoch \(number) is missing")
    }
    return loaded
  }

  /// The epoch if its birth or a reference to it is held.
  func find(_ epoch: Epoch) throws(ReplicaError) -> LiveEpoch? {
    if let known = epochs[epoch] { return known }
    return try load(
      literal(
        """
        SELECT id, bits, partition, author, role, parents, seen, chain FROM epoch WHERE bits = ?
        """), Int64(bitPattern: epoch.bits))
  }

  /// The epoch, with a number of its own even if nothing is known of it yet.
  func intern(_ epoch: Epoch) throws(ReplicaError) -> LiveEpoch {
    if let known = try find(epoch) { return known }
    let insert = try literal("INSERT INTO epoch (bits) VALUES (?) RETURNING id")
    insert.bind(1, Int64(bitPattern: epoch.bits))
    guard try insert.step() else { throw ReplicaError(.diskError, "no row came back") }
    let live = LiveEpoch(number: insert.integer(0), epoch: epoch, seen: 0)
    insert.reset()
    epochs[epoch] = live
    epochsByNumber[live.number] = live
    return live
  }

  private func load(_ select: Statement, _ value: Int64) throws(ReplicaError) -> LiveEpoch? {
    select.bind(1, value)
    guard try select.step() else {
      select.reset()
      return nil
    }
    let epoch = Epoch(bits: UInt64(bitPattern: select.integer(1)))
    guard let seen = UInt64(exactly: select.integer(6)), seen <= Dot.sequenceMax else {
      select.reset()
      throw ReplicaError(.databaseDamaged, "epoch \(epoch) has an impossible length")
    }
    let live = LiveEpoch(number: select.integer(0), epoch: epoch, seen: seen)
    if !select.isNull(2) {
      var reader = ByteReader(Array(select.bytes(5)))
      let role = Role(rawValue: UInt8(truncatingIfNeeded: select.integer(4))) ?? .station
      let author = Author(place: PlaceID(bits: UInt64(bitPattern: select.integer(3))), role: role)
      let parents = try damaged { () throws(ByteReader.Malformed) in try reader.vector() }
      live.partition = select.integer(2)
      live.birth = Birth(epoch: epoch, author: author, parents: parents)
      if !select.isNull(7) { live.chain = Chain(saved: select.bytes(7)) }
    }
    select.reset()
    epochs[epoch] = live
    epochsByNumber[live.number] = live
    return live
  }

  func save(_ epoch: LiveEpoch) throws(ReplicaError) {
    let update = try literal("UPDATE epoch SET seen = ?, chain = ? WHERE id = ?")
    update.bind(1, Int64(epoch.seen))
    if let chain = epoch.chain { update.bind(2, copying: chain.saved) } else { update.bindNull(2) }
    update.bind(3, epoch.number)
    try update.run()
    epoch.isChanged = false
  }

  // MARK: Births

  /// Notes the birth of an epoch in a partition. Its parents must be known already.
  func insert(_ birth: Birth, into partition: LivePartition) throws(ReplicaError) -> LiveEpoch {
    let live = try intern(birth.epoch)
    if let known = live.birth {
      guard known == birth, live.partition == partition.number else {
        throw ReplicaError(.fork, "epoch \(birth.epoch) was born twice")
      }
      return live
    }
    var parents = ByteWriter()
    parents.vector(birth.parents)
    let update = try literal(
      "UPDATE epoch SET partition = ?, author = ?, role = ?, parents = ? WHERE id = ?")
    update.bind(1, partition.number)
    update.bind(2, Int64(bitPattern: birth.author.place.bits))
    update.bind(3, Int64(birth.author.role.rawValue))
    update.bind(4, copying: parents.bytes)
    update.bind(5, live.number)
    try update.run()
    live.birth = birth
    live.partition = partition.number
    if var ancestry = partition.ancestry {
      partition.ancestry = nil
      do { try ancestry.insert(birth) } catch .birthFork {
        throw ReplicaError(.fork, "epoch \(birth.epoch) was born twice")
      } catch {
        throw ReplicaError(.gap, "births before that of \(birth.epoch) are missing")
      }
      partition.ancestry = ancestry
    }
    return live
  }

  /// The epoch that this opening writes in; born with the first write (P4). Its birth stands for
  /// everything held of the partition now.
  func ownEpoch(in partition: LivePartition) throws(ReplicaError) -> LiveEpoch {
    if let open = ownEpochs[partition.number] {
      // The cache may have been emptied since: go on with the one that is in it now.
      let live = try epoch(number: open.number)
      ownEpochs[partition.number] = live
      return live
    }
    var bits = surroundings.random()
    while bits == 0 { bits = surroundings.random() }
    let birth = Birth(
      epoch: Epoch(bits: bits), author: identity.author, parents: partition.vector)
    guard try find(birth.epoch) == nil else {
      throw ReplicaError(.fork, "the random numbers of this machine repeat")
    }
    let live = try insert(birth, into: partition)
    live.chain = try begin(birth, partition.id)
    touch(live)
    ownEpochs[partition.number] = live
    return live
  }

  /// Goes on with none of the epochs that this opening writes in: the next write begins another.
  package func endEpochs() { ownEpochs = [:] }

  /// The next dot of this replica in a partition; the vector advances to it.
  func nextDot(in partition: LivePartition) throws(ReplicaError) -> (Dot, LiveEpoch) {
    let live = try ownEpoch(in: partition)
    guard live.seen < UInt64(Key.sequenceMask) else {
      throw ReplicaError(.valueTooLarge, "an epoch is full; run the command again")
    }
    live.seen += 1
    touch(live)
    let dot = Dot(live.epoch, live.seen)
    if live.seen == 1 {
      // The birth stands for every leaf there was.
      partition.vector = VersionVector(dot)
      touch(partition)
    } else {
      advance(partition, to: dot)
    }
    return (dot, live)
  }

  /// Adds a write that nothing in the vector covers. The epoch may have ceased to be a leaf when a
  /// peer's epoch that was born from it was merged.
  private func advance(_ partition: LivePartition, to dot: Dot) {
    if partition.vector[dot.epoch] == 0 { touch(partition) }
    partition.vector.insert(dot)
  }

  // MARK: Chains (P5)

  /// The chain of an epoch that begins here. The values that it stands on are kept.
  func begin(_ birth: Birth, _ partition: PartitionID) throws(ReplicaError) -> Chain {
    for parent in birth.parents.entries {
      let value = try chainValue(of: parent.epoch, at: parent.sequence)
      if let value { try keepCheckpoint(parent.dot, value) }
    }
    return try seed(birth, partition)
  }

  /// The chain of an epoch before its first write.
  func seed(_ birth: Birth, _ partition: PartitionID) throws(ReplicaError) -> Chain {
    var values: [ChainValue] = []
    for parent in birth.parents.entries {
      let value = try chainValue(of: parent.epoch, at: parent.sequence)
      values.append(value ?? ChainValue(low: 0, high: 0))
    }
    return Chain(partition: partition, birth: birth, parents: values)
  }

  /// The chain value of an epoch after `sequence` writes, or nil if it cannot be known here.
  func chainValue(of epoch: Epoch, at sequence: UInt64) throws(ReplicaError) -> ChainValue? {
    guard let live = try find(epoch) else { return nil }
    if live.seen == sequence, let chain = live.chain { return chain.value }
    if let value = try checkpoint(live.number, sequence) { return value }
    return live.chain == nil ? nil : try recomputedChain(of: live, at: sequence)?.value
  }

  func checkpoint(_ epoch: Int64, _ sequence: UInt64) throws(ReplicaError) -> ChainValue? {
    let select = try literal("SELECT value FROM checkpoint WHERE epoch = ? AND sequence = ?")
    select.bind(1, epoch)
    select.bind(2, Int64(sequence))
    defer { select.reset() }
    guard try select.step() else { return nil }
    var reader = ByteReader(Array(select.bytes(0)))
    return try damaged { () throws(ByteReader.Malformed) in
      ChainValue(low: try reader.fixed(), high: try reader.fixed())
    }
  }

  /// Two values at one position are a fork.
  func keepCheckpoint(_ dot: Dot, _ value: ChainValue) throws(ReplicaError) {
    let live = try intern(dot.epoch)
    if let known = try checkpoint(live.number, dot.sequence) {
      guard known == value else {
        throw ReplicaError(.fork, "two histories of epoch \(dot.epoch) up to \(dot.sequence)")
      }
      return
    }
    var writer = ByteWriter()
    writer.fixed(value.low)
    writer.fixed(value.high)
    let insert = try literal("INSERT INTO checkpoint VALUES (?, ?, ?)")
    insert.bind(1, live.number)
    insert.bind(2, Int64(dot.sequence))
    insert.bind(3, copying: writer.bytes)
    try insert.run()
  }

  func role(of epoch: Epoch) -> Role {
    ((try? find(epoch)) ?? nil)?.birth?.author.role ?? .station
  }
}
