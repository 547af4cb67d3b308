internal import Causality
internal import Records

/// Looks at the rows that were saved, partition by partition, and makes of them what holds.
struct SalvageJudge {
  let store: Store
  let purpose: Salvage.Purpose
  /// Partitions whose row is lost.
  let nameless: Set<Int64>
  let again: Salvage.Again
  var report = Salvage.Report()

  init(
    _ store: Store, _ purpose: Salvage.Purpose, nameless: Set<Int64>,
    again: @escaping Salvage.Again
  ) {
    self.store = store
    self.purpose = purpose
    self.nameless = nameless
    self.again = again
  }

  mutating func run() throws(ReplicaError) {
    try fitBirths()
    let whole = try fitLeaves()
    for id in try store.partitionIDs() {
      guard let partition = try store.find(id) else { continue }
      let isNamed = !nameless.contains(partition.number) && whole.contains(partition.number)
      if id.section.holdsEvents {
        try judgeLog(partition)
      } else {
        try judgeRecords(partition, isNamed: isNamed)
      }
    }
    try dropStrays()
    try store.flush()
    try store.dropUnclaimedEvents()
  }

  // MARK: Births

  /// Births count whose parents are known too. Of other epochs only the name is.
  private func fitBirths() throws(ReplicaError) {
    var births: [Int64: (birth: Birth, partition: Int64)] = [:]
    var bits: [Epoch: Int64] = [:]
    try store.literal(
      "SELECT id, bits, partition, author, role, parents FROM epoch WHERE partition NOT NULL"
    ).eachRow { row in
      var reader = ByteReader(Array(row.bytes(5)))
      guard let parents = try? reader.vector(),
        let role = Role(rawValue: UInt8(clamping: row.integer(4)))
      else { return }
      let epoch = Epoch(bits: UInt64(bitPattern: row.integer(1)))
      let author = Author(place: PlaceID(bits: UInt64(bitPattern: row.integer(3))), role: role)
      births[row.integer(0)] = (
        Birth(epoch: epoch, author: author, parents: parents), row.integer(2)
      )
      bits[epoch] = row.integer(0)
    }
    var ancestries: [Int64: Ancestry] = [:]
    try store.literal("SELECT id FROM partition").eachRow { ancestries[$0.integer(0)] = Ancestry() }
    var open = births.keys.sorted()[...]
    // Mostly parents have lower numbers; each further turn fits at least one more.
    var count = open.count + 1
    while open.count < count {
      count = open.count
      var next: [Int64] = []
      for number in open {
        guard let (birth, partition) = births[number] else { continue }
        let isBorn = (try? ancestries[partition]?.insert(birth)) != nil
        if !isBorn { next.append(number) }
      }
      open = next[...]
    }
    for number in open { try forgetBirth(number) }
    try store.literal(
      "SELECT id FROM epoch WHERE partition NOT NULL AND partition NOT IN (SELECT id FROM partition)"
    ).eachRow { row throws(ReplicaError) in try forgetBirth(row.integer(0)) }
    store.forget()
  }

  private func forgetBirth(_ number: Int64) throws(ReplicaError) {
    let update = try store.literal(
      "UPDATE epoch SET partition = NULL, author = NULL, role = NULL, parents = NULL, seen = 0, chain = NULL WHERE id = ?"
    )
    update.bind(1, number)
    try update.run()
  }

  /// The partitions whose leaves are all born in them. What is said of the others is taken back.
  private func fitLeaves() throws(ReplicaError) -> Set<Int64> {
    var leaves: [Int64: [Int64]] = [:]
    try store.literal("SELECT id, leaves FROM partition").eachRow { row in
      var reader = ByteReader(Array(row.bytes(1)))
      var list: [Int64] = []
      while !reader.isAtEnd, let number = try? reader.varint() {
        list.append(Int64(clamping: number))
      }
      leaves[row.integer(0)] = list
    }
    var whole: Set<Int64> = []
    // order: each partition by itself.
    for (partition, list) in leaves {
      var isWhole = true
      for number in list {
        let select = try store.literal("SELECT seen FROM epoch WHERE id = ? AND partition = ?")
        select.bind(1, number)
        select.bind(2, partition)
        if try !select.step() || select.integer(0) == 0 { isWhole = false }
        select.reset()
      }
      if isWhole {
        whole.insert(partition)
      } else {
        let update = try store.literal("UPDATE partition SET leaves = x'' WHERE id = ?")
        update.bind(1, partition)
        try update.run()
      }
    }
    store.forget()
    return whole
  }

  /// Records of partitions that nothing is known of.
  private func dropStrays() throws(ReplicaError) {
    for table in try store.allRecordTables() {
      let name = table.declaration == nil ? "other_record" : Tables.quoted(table.name)
      try store.statement(
        "DELETE FROM \(name) WHERE partition NOT IN (SELECT id FROM partition)"
      ).run()
    }
  }

  // MARK: Who holds what

  /// What the neighbours have said to hold of a partition; nil if what they said is lost.
  func told(_ partition: LivePartition) throws(ReplicaError) -> [VersionVector] {
    let select = try store.literal("SELECT received FROM peer WHERE partition = ?")
    var told: [VersionVector] = []
    var rows: [[UInt8]] = []
    try select.eachRow(binding: partition.number) { rows.append(Array($0.bytes(0))) }
    for bytes in rows { told.append(try store.vector(bytes)) }
    return told
  }

  /// Whether a neighbour has said to hold a dot.
  func isTold(
    _ dot: Dot, _ told: [VersionVector], _ ancestry: Ancestry
  ) -> Bool { told.contains { ancestry.covers($0, dot) } }

  /// Whether a dot may be one of this replica's own writes. At a hub most that nothing is known of are
  /// not, and come back from below.
  func isOwn(_ dot: Dot) throws(ReplicaError) -> Bool {
    guard let birth = try store.find(dot.epoch)?.birth else {
      return store.identity.role == .station
    }
    return birth.author == store.identity.author
  }
}
