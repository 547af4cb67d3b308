package import Bundles
package import Causality
internal import Records
internal import Wording

/// What a bundle is to carry.
package struct BundleOrder: Sendable {
  package struct Part: Equatable, Sendable {
    package let partition: PartitionID
    /// What the reader is known to hold.
    package let base: VersionVector

    package init(partition: PartitionID, base: VersionVector) {
      self.partition = partition
      self.base = base
    }
  }

  package let reader: PlaceID
  package let parts: [Part]
  package let receipts: [Receipt]
  /// A catalogue that the reader is known to hold.
  package let catalogue: Catalogue?
  package let catalogueLacking: UInt64?
  /// What the sender believes the reader to hold.
  package let believed: UInt32
  package let number: UInt64
  /// Seconds since 1970.
  package let made: UInt64
  /// Pieces of one bundle of this order are not more than this, with what the manifest needs for
  /// them.
  package let bytesMax: UInt64
  /// The reader is above this replica.
  package let isUpwards: Bool

  package init(
    reader: PlaceID, parts: [Part], receipts: [Receipt] = [], catalogue: Catalogue? = nil,
    catalogueLacking: UInt64? = nil, believed: UInt32 = 0, number: UInt64, made: UInt64,
    bytesMax: UInt64 = UInt64.max, isUpwards: Bool = false
  ) {
    self.reader = reader
    self.parts = parts
    self.receipts = receipts
    self.catalogue = catalogue
    self.catalogueLacking = catalogueLacking
    self.believed = believed
    self.number = number
    self.made = made
    self.bytesMax = bytesMax
    self.isUpwards = isUpwards
  }
}

/// Where the bytes of following pieces wait until the manifest is known.
package protocol PieceSpool: AnyObject {
  func add(_ bytes: [UInt8]) throws
  /// Forgets all but the first `count` pieces.
  func keep(_ count: Int) throws
}

/// A bundle being written: the manifest so far, and where the bytes of following pieces go.
private struct Draft {
  var manifest: Manifest
  let order: BundleOrder
  let codec: BundleCodec
  let spool: any PieceSpool
  private(set) var spent: UInt64
  private var spooled = 0

  init(_ manifest: Manifest, _ order: BundleOrder, _ codec: BundleCodec, _ spool: any PieceSpool) {
    self.manifest = manifest
    self.order = order
    self.codec = codec
    self.spool = spool
    spent = UInt64(Self.headBytes + manifest.receipts.count * Self.receiptBytes)
  }

  /// What parts of a manifest take, rather more than less.
  private static let headBytes = 80
  private static let receiptBytes = 64
  private static let pieceBytes = 24

  func hasRoom(for bytes: Int) -> Bool {
    spent + UInt64(bytes + Self.pieceBytes) <= order.bytesMax
  }

  mutating func spend(_ bytes: Int) { spent += UInt64(bytes) }

  /// Lists a piece, and spools it unless it fits into the manifest.
  mutating func add(_ bytes: [UInt8]) throws(ReplicaError) -> Piece {
    guard bytes.count <= Limits.pieceBytesMax else {
      throw ReplicaError(.valueTooLarge, "one record is too large to travel")
    }
    let piece = BundleCodec.piece(bytes)
    spend(bytes.count + Self.pieceBytes)
    if piece.following > 0 {
      spooled += 1
      try spooling { try spool.add(bytes) }
    }
    return piece
  }

  struct Mark {
    fileprivate let spent: UInt64
    fileprivate let spooled: Int
  }

  var mark: Mark { Mark(spent: spent, spooled: spooled) }

  /// Takes back the pieces that were added since `mark`.
  mutating func rewind(to mark: Mark) throws(ReplicaError) {
    spent = mark.spent
    spooled = mark.spooled
    try spooling { try spool.keep(mark.spooled) }
  }

  private func spooling(_ body: () throws -> Void) throws(ReplicaError) {
    do { try body() } catch {
      throw error as? ReplicaError
        ?? ReplicaError(.diskError, "the bundle cannot be written: \(error)")
    }
  }
}

extension Store {
  /// Writes the pieces of a bundle to `spool` and returns its manifest. Memory is bounded by a
  /// piece. `manifest.hasMore` if `bytesMax` left something for a further bundle.
  package func compose(
    _ order: BundleOrder, codec: BundleCodec, spool: any PieceSpool
  ) throws(ReplicaError) -> Manifest {
    // What this transaction wrote itself travels with its proofs.
    try flush()
    var manifest = Manifest(
      sender: identity.place, reader: order.reader, number: order.number, made: order.made)
    manifest.receipts = order.receipts
    manifest.catalogueLacking = order.catalogueLacking
    manifest.believed = order.believed
    var draft = Draft(manifest, order, codec, spool)
    for part in order.parts {
      guard let partition = try find(part.partition) else { continue }
      let base = try known(part.base, in: partition)
      if try isCovered(partition, by: base) { continue }
      let delta =
        partition.id.section.holdsEvents
        ? try composeLog(partition, base, &draft) : try composeRecords(partition, base, &draft)
      if !delta.pieces.isEmpty { draft.manifest.deltas.append(delta) }
    }
    return draft.manifest
  }

  /// The part of a peer's vector that means something here: a leaf that is unknown, or belongs
  /// elsewhere, is left out, which sends more than needed but never too little.
  private func known(
    _ base: VersionVector, in partition: LivePartition
  ) throws(ReplicaError) -> VersionVector {
    var known = VersionVector()
    for entry in base.entries {
      guard let live = try find(entry.epoch), live.partition == partition.number else { continue }
      known.insert(Dot(entry.epoch, min(entry.sequence, live.seen)))
    }
    return known.entries.count < 2 ? known : try ancestry(of: partition).leaves(of: known)
  }

  private func isCovered(
    _ partition: LivePartition, by base: VersionVector
  ) throws(ReplicaError) -> Bool {
    if base == partition.vector { return true }
    if base.isEmpty { return partition.vector.isEmpty }
    return try ancestry(of: partition).covers(base, partition.vector)
  }

  /// A delta without pieces.
  private func frame(
    _ partition: LivePartition, _ base: VersionVector, target: VersionVector
  ) throws(ReplicaError) -> Delta {
    var delta = Delta(partition: partition.id, base: base, target: target)
    delta.births = try ancestry(of: partition).births(at: target, beyond: base)
    if !partition.id.section.holdsEvents {
      for entry in base.entries {
        delta.baseChains.append(try chainValue(of: entry.epoch, at: entry.sequence)?.low ?? 0)
      }
    }
    for entry in target.entries {
      let value = try chainValue(of: entry.epoch, at: entry.sequence)
      delta.targetChains.append(value ?? ChainValue(low: 0, high: 0))
      // The next delta may begin here, when the running chain has gone on.
      if let value, !partition.id.section.holdsEvents { try keepCheckpoint(entry.dot, value) }
    }
    if target == partition.vector { delta.digest = try digest(of: partition) }
    return delta
  }

  /// How many writes of a partition a replica at `base` lacks, superseded ones too.
  package func lacking(_ id: PartitionID, beyond base: VersionVector) throws(ReplicaError) -> UInt64
  {
    guard let partition = try find(id), base != partition.vector else { return 0 }
    let base = try known(base, in: partition)
    if try isCovered(partition, by: base) { return 0 }
    return try uncovered(partition, beyond: base).reduce(0) { $0 + $1.epoch.seen - $1.from + 1 }
  }

  /// What of each epoch a replica at `base` lacks, older epochs first.
  private func uncovered(
    _ partition: LivePartition, beyond base: VersionVector
  ) throws(ReplicaError) -> [(epoch: LiveEpoch, from: UInt64)] {
    if partition.vector.entries.count == 1, base.entries.count == 1,
      partition.vector.entries[0].epoch == base.entries[0].epoch
    {
      return [(try intern(base.entries[0].epoch), base.entries[0].sequence + 1)]
    }
    var ranges: [(epoch: LiveEpoch, from: UInt64)] = []
    for (epoch, from) in try ancestry(of: partition).uncovered(
      at: partition.vector, beyond: base)
    {
      let live = try intern(epoch)
      if from <= live.seen { ranges.append((live, from)) }
    }
    return ranges
  }

  // MARK: Events

  private func composeLog(
    _ partition: LivePartition, _ base: VersionVector, _ draft: inout Draft
  ) throws(ReplicaError) -> Delta {
    var pieces: [Piece] = []
    var target = base
    var rowsMax = Limits.pieceRowsMax
    var collector = EventCollector(catalogue: draft.order.catalogue)
    let ranges = try uncovered(partition, beyond: base)
    var start = (range: 0, sequence: ranges.first?.from ?? 1)
    while start.range < ranges.count {
      let end = try collect(ranges, from: start, rowsMax, &collector)
      draft.manifest.catalogue = draft.order.catalogue?.identity
      let bytes = draft.codec.encode(
        collector.piece(), catalogue: draft.order.catalogue, into: &draft.manifest)
      let rows = collector.rows
      collector = EventCollector(catalogue: draft.order.catalogue)
      let hasRoom = draft.hasRoom(for: bytes.count)
      if bytes.count > Limits.pieceBytesMax || !hasRoom, rows > 1 {
        rowsMax = max(1, rows / 2)
        continue
      }
      guard hasRoom else {
        draft.manifest.hasMore = true
        break
      }
      pieces.append(try draft.add(bytes))
      target = try ancestry(of: partition).join(target, end.reached)
      start = end.next
    }
    if pieces.isEmpty, !draft.manifest.deltas.contains(where: { $0.partition.section.holdsEvents })
    {
      draft.manifest.catalogue = nil
    }
    var delta = try frame(partition, base, target: target)
    delta.pieces = pieces
    return delta
  }

  /// Fills `collector` from `start` on, and says where to go on and how far it got.
  private func collect(
    _ ranges: [(epoch: LiveEpoch, from: UInt64)], from start: (range: Int, sequence: UInt64),
    _ rowsMax: Int, _ collector: inout EventCollector
  ) throws(ReplicaError) -> (next: (range: Int, sequence: UInt64), reached: VersionVector) {
    var reached = VersionVector()
    var sequence = start.sequence
    for index in start.range..<ranges.count {
      let epoch = ranges[index].epoch
      if index > start.range { sequence = ranges[index].from }
      var cursor = try EventCursor(
        self, epoch: epoch.number, from: sequence, through: epoch.seen)
      defer { cursor.close() }
      while let next = cursor.current {
        guard next.key.sequence == sequence else {
          throw ReplicaError(
            .databaseDamaged, "event \(sequence) of epoch \(epoch.epoch) is missing",
            hint: "run `yizhan check`, then `yizhan repair`")
        }
        if collector.rows >= rowsMax || collector.isFull { return ((index, sequence), reached) }
        try collector.add(next.source, Dot(epoch.epoch, sequence), from: self)
        reached.insert(Dot(epoch.epoch, sequence))
        sequence += 1
        try cursor.advance()
      }
    }
    return ((ranges.count, 1), reached)
  }

  // MARK: Records

  private func composeRecords(
    _ partition: LivePartition, _ base: VersionVector, _ draft: inout Draft
  ) throws(ReplicaError) -> Delta {
    var delta = try frame(partition, base, target: partition.vector)
    delta.proofs = try proofs(
      of: try uncovered(partition, beyond: base), isUpwards: draft.order.isUpwards)
    let ancestry = try ancestry(of: partition)
    let mark = draft.mark
    draft.spend(60 + 16 * delta.births.count)
    draft.spend(delta.proofs.reduce(0) { $0 + Proof.signatureBytes + 12 + 16 * $1.gone.count })
    var gathering = RecordGathering()
    var queue = try changed(partition, beyond: base)[...]
    while let (key, collection) = queue.popFirst() {
      let table = try recordTable(collection)
      guard let state = try state(try dot(Key(key)), table),
        let part = state.delta(beyond: base, in: ancestry)
      else { continue }
      try gathering.add(part, table, self)
      if gathering.isFull { try close(&gathering, &delta, &draft) }
    }
    try close(&gathering, &delta, &draft)
    // A delta of records goes whole or not at all: it has no vector half-way.
    if draft.spent > draft.order.bytesMax {
      try draft.rewind(to: mark)
      draft.manifest.hasMore = true
      delta.pieces = []
    }
    return delta
  }

  private func close(
    _ gathering: inout RecordGathering, _ delta: inout Delta, _ draft: inout Draft
  ) throws(ReplicaError) {
    var open = [gathering.take()]
    while let piece = open.popLast() {
      guard !piece.records.isEmpty else { continue }
      let bytes = draft.codec.encode(piece, into: &draft.manifest)
      if bytes.count > Limits.pieceBytesMax, piece.records.count > 1 {
        let half = piece.records.count / 2
        open.append(piece.part(half..<piece.records.count))
        open.append(piece.part(0..<half))
      } else {
        delta.pieces.append(try draft.add(bytes))
      }
    }
  }

  /// Keys of the records with a write that `base` does not cover, by collection and key.
  private func changed(
    _ partition: LivePartition, beyond base: VersionVector
  ) throws(ReplicaError) -> [(Int64, String)] {
    var found: [Int64: Set<Int64>] = [:]
    let tables = try allRecordTables()
    for (epoch, from) in try uncovered(partition, beyond: base) {
      let low = Key(epoch: epoch.number, sequence: from).number
      let high = Key(epoch: epoch.number, sequence: epoch.seen).number
      for table in tables {
        let select = try statement("SELECT id FROM \(table.source) WHERE id BETWEEN ? AND ?")
        select.bind(1, low)
        select.bind(2, high)
        try select.eachRow { found[table.number, default: []].insert($0.integer(0)) }
      }
      let select = try literal("SELECT record, collection FROM written WHERE dot BETWEEN ? AND ?")
      select.bind(1, low)
      select.bind(2, high)
      try select.eachRow { found[$0.integer(1), default: []].insert($0.integer(0)) }
    }
    return tables.flatMap { table in
      (found[table.number] ?? []).sorted().map { ($0, table.name) }
    }
  }
}

/// Gathers records into a piece.
private struct RecordGathering {
  private var layouts: [RecordLayout] = []
  private var numbers: [String: Int] = [:]
  /// For each layout the positions of fields by their local number.
  private var positions: [[FieldID: Int]] = []
  private var records: [WireRecord] = []
  private var bytes = 0

  var isFull: Bool { records.count >= Limits.pieceRowsMax || bytes > Limits.pieceBytesMax }

  mutating func add(
    _ state: RecordState, _ table: RecordTable, _ store: Store
  ) throws(ReplicaError) {
    let layout = try self.layout(table, store)
    var fields: [WireRecord.Field] = []
    for field in state.fields {
      let position = try position(of: field.field, layout, table, store)
      fields.append(.init(name: position, siblings: field.siblings))
      bytes += field.siblings.reduce(8) { $0 + $1.value.bytes.count + 4 }
    }
    fields.sort { $0.name < $1.name }
    records.append(WireRecord(layout: layout, id: state.id, vector: state.vector, fields: fields))
  }

  private mutating func layout(_ table: RecordTable, _ store: Store) throws(ReplicaError) -> Int {
    if let known = numbers[table.name] { return known }
    var fields = [RecordLayout.Field(name: RecordLayout.deletion)]
    var places: [FieldID: Int] = [.deleted: 0]
    for field in table.declaration?.fields ?? [] {
      let follows = field.follows.flatMap { name in fields.firstIndex { $0.name == name } }
      places[try store.names.field(field.name, of: table.number)] = fields.count
      fields.append(.init(name: field.name, follows: follows))
    }
    numbers[table.name] = layouts.count
    layouts.append(RecordLayout(collection: table.name, fields: fields))
    positions.append(places)
    return layouts.count - 1
  }

  /// The position of a field; one that is not declared here goes to the end.
  private mutating func position(
    of field: FieldID, _ layout: Int, _ table: RecordTable, _ store: Store
  ) throws(ReplicaError) -> Int {
    if let known = positions[layout][field] { return known }
    let name = try store.names.fieldName(field, of: table.number)
    let position = layouts[layout].fields.count
    positions[layout][field] = position
    layouts[layout] = RecordLayout(
      collection: table.name, fields: layouts[layout].fields + [.init(name: name)])
    return position
  }

  mutating func take() -> RecordPiece {
    defer { self = RecordGathering() }
    return RecordPiece(layouts: layouts, records: records)
  }
}

extension RecordPiece {
  func part(_ range: Range<Int>) -> RecordPiece {
    RecordPiece(layouts: layouts, records: Array(records[range]))
  }
}
