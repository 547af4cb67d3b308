internal import Causality
internal import FoundationEssentials
internal import Records
internal import SwiftProtobuf
internal import Wording

/// The manifest as protobuf (Protocol/bundle.proto), and everything that must hold of it before
/// it is believed.
extension Manifest {
  func serialized() -> [UInt8] {
    var tables = WireTables(self)
    var wire = Yizhan_Manifest()
    wire.sender = sender.bits
    wire.reader = reader.bits
    wire.number = number
    wire.made = made
    wire.deltas = deltas.map { tables.wire($0) }
    wire.receipts = receipts.map { receipt in
      var wire = Yizhan_Receipt()
      wire.partition = tables.partition(receipt.partition)
      wire.received = tables.pairs(receipt.received)
      wire.safe = tables.pairs(receipt.safe)
      wire.digest = receipt.digest
      wire.refused = receipt.refused ?? ""
      return wire
    }
    wire.catalogue = catalogue ?? 0
    wire.catalogueLacking = catalogueLacking ?? 0
    wire.part = part
    wire.more = hasMore
    wire.believed = believed
    wire.places = tables.furtherPlaces
    wire.epochs = tables.epochs.list.map(\.bits)
    do {
      return try wire.serializedBytes()
    } catch {
      preconditionFailure("a proto3 message without required fields always serialises: \(error)")
    }
  }

  init(parsing bytes: ArraySlice<UInt8>) throws(BundleError) {
    try Self.countParts(of: bytes)
    let wire: Yizhan_Manifest
    do { wire = try Yizhan_Manifest(serializedBytes: Array(bytes)) } catch {
      throw Self.malformed("it is not protobuf of this form")
    }
    guard wire.number <= Limits.numberMax, wire.made <= Limits.madeMax else {
      throw Self.malformed("its number or its time is out of range")
    }
    // The place kept for the seal; this version seals nothing and reads nothing sealed.
    guard wire.seal.isEmpty else { throw Self.malformed("it is sealed") }
    var tables = try ReadTables(wire)
    self.init(
      sender: PlaceID(bits: wire.sender), reader: PlaceID(bits: wire.reader),
      number: wire.number, made: wire.made)
    epochs = tables.table
    for delta in wire.deltas { deltas.append(try tables.delta(delta)) }
    for receipt in wire.receipts {
      guard Self.isCode(receipt.refused) else { throw Self.malformed("a refusal without a code") }
      receipts.append(
        Receipt(
          partition: try tables.partition(receipt.partition),
          received: try tables.vector(receipt.received), safe: try tables.vector(receipt.safe),
          digest: receipt.digest, refused: receipt.refused.isEmpty ? nil : receipt.refused))
    }
    guard Set(deltas.map(\.partition)).count == deltas.count,
      Set(receipts.map(\.partition)).count == receipts.count
    else { throw Self.malformed("it lists a partition twice") }
    catalogue = wire.catalogue == 0 ? nil : wire.catalogue
    catalogueLacking = wire.catalogueLacking == 0 ? nil : wire.catalogueLacking
    part = wire.part
    hasMore = wire.more
    believed = wire.believed
  }

  /// Empty, or what a code may be.
  private static func isCode(_ text: String) -> Bool {
    text.utf8.count <= 64 && text.utf8.allSatisfy { (97...122) ~= $0 || $0 == 95 }
  }

  static func malformed(_ what: Wording.Message) -> BundleError {
    BundleError(.manifestMalformed, "the manifest is malformed: \(what)")
  }

  /// Refuses a manifest of more deltas, receipts and pieces than memory is meant for, before any
  /// of them becomes an object.
  private static func countParts(of bytes: ArraySlice<UInt8>) throws(BundleError) {
    let parts: Int
    do {
      parts = try Self.parts(of: bytes, fields: [7, 8]) { delta throws(ByteReader.Malformed) in
        try Self.parts(of: delta, fields: [7]) { _ in 0 }
      }
    } catch { throw malformed("it is not protobuf of this form") }
    guard parts <= Limits.manifestPartsMax else {
      throw BundleError(.manifestTooLarge, "the manifest has \(parts) parts")
    }
  }

  /// How many blocks of `fields` a protobuf message holds, and what `inner` says of each.
  private static func parts(
    of message: ArraySlice<UInt8>, fields: Set<UInt64>,
    inner: (ArraySlice<UInt8>) throws(ByteReader.Malformed) -> Int
  ) throws(ByteReader.Malformed) -> Int {
    var reader = ByteReader(message)
    var count = 0
    while !reader.isAtEnd {
      let tag = try reader.varint()
      switch tag & 7 {
      case 0: _ = try reader.varint()
      case 1: _ = try reader.take(8)
      case 2:
        let block = try reader.block()
        if fields.contains(tag >> 3) { count += 1 + (try inner(block)) }
      case 5: _ = try reader.take(4)
      default: throw ByteReader.Malformed()
      }
    }
    return count
  }
}

/// Places and epochs by index while a manifest is written.
private struct WireTables {
  var epochs: EpochTable
  private var places: [PlaceID]

  init(_ manifest: Manifest) {
    epochs = manifest.epochs
    places = [manifest.sender, manifest.reader]
  }

  var furtherPlaces: [UInt64] { places.dropFirst(2).map(\.bits) }

  mutating func place(_ place: PlaceID) -> UInt64 {
    if let known = places.firstIndex(of: place) { return UInt64(known) }
    places.append(place)
    return UInt64(places.count - 1)
  }

  mutating func partition(_ partition: PartitionID) -> UInt32 {
    UInt32(place(partition.place)) * 8 + UInt32(partition.section.rawValue)
  }

  mutating func pairs(_ vector: VersionVector) -> [UInt64] {
    vector.entries.flatMap { [UInt64(epochs.index(of: $0.epoch)), $0.sequence] }
  }

  mutating func wire(_ delta: Delta) -> Yizhan_Delta {
    var wire = Yizhan_Delta()
    wire.partition = partition(delta.partition)
    wire.base = pairs(delta.base)
    wire.target = pairs(delta.target)
    var chains = ByteWriter()
    for value in delta.baseChains { chains.fixed(value) }
    for value in delta.targetChains { chains.chain(value) }
    wire.chains = Data(chains.bytes)
    wire.digest = delta.digest
    wire.births = delta.births.flatMap { birth in
      [
        UInt64(epochs.index(of: birth.epoch)),
        place(birth.author.place) * 2 + UInt64(birth.author.role.rawValue),
        UInt64(birth.parents.entries.count),
      ] + pairs(birth.parents)
    }
    wire.proofs = Data(proofs(delta.proofs))
    wire.pieces = delta.pieces.map { piece in
      var wire = Yizhan_Piece()
      switch piece.body {
      case .inline(let bytes): wire.content = Data(bytes)
      case .following(let length, let hash):
        wire.length = UInt32(length)
        wire.hash = Data(ByteWriter.chain(hash))
      }
      return wire
    }
    return wire
  }

  private mutating func proofs(_ proofs: [Proof]) -> [UInt8] {
    var writer = ByteWriter()
    for proof in proofs {
      writer.varint(UInt64(epochs.index(of: proof.epoch)))
      writer.varint(proof.first)
      writer.varint(proof.last - proof.first)
      writer.varint(proof.count)
      writer.bytes += proof.signature
      writer.varint(UInt64(proof.gone.count))
      for hash in proof.gone { writer.chain(hash) }
    }
    return writer.bytes
  }
}

extension ByteWriter {
  mutating func chain(_ value: ChainValue) {
    fixed(value.low)
    fixed(value.high)
  }

  static func chain(_ value: ChainValue) -> [UInt8] {
    var writer = ByteWriter()
    writer.chain(value)
    return writer.bytes
  }
}

extension ByteReader {
  mutating func chain() throws(Malformed) -> ChainValue {
    ChainValue(low: try fixed(), high: try fixed())
  }
}

/// Places and epochs by index while a manifest is read.
private struct ReadTables {
  let table: EpochTable
  private let places: [PlaceID]
  /// Indices of epochs whose birth has been read.
  private var born: Set<UInt64> = []

  private var epochs: [Epoch] { table.list }

  init(_ wire: Yizhan_Manifest) throws(BundleError) {
    guard wire.epochs.count <= Limits.epochsMax else {
      throw BundleError(.manifestTooLarge, "the manifest lists \(wire.epochs.count) epochs")
    }
    table = EpochTable(wire.epochs.map(Epoch.init(bits:)))
    places = ([wire.sender, wire.reader] + wire.places).map(PlaceID.init(bits:))
    guard !wire.epochs.contains(0), table.list.count == wire.epochs.count else {
      throw Manifest.malformed("an epoch is zero or listed twice")
    }
    guard wire.sender != 0, wire.reader != 0, wire.sender != wire.reader else {
      throw Manifest.malformed("it does not say from whom it is and for whom")
    }
    guard Set(places).count == places.count, places.count < 1 << 20 else {
      throw Manifest.malformed("a place is listed twice")
    }
  }

  func partition(_ number: UInt32) throws(BundleError) -> PartitionID {
    guard Int(number / 8) < places.count, let section = Section(rawValue: UInt8(number % 8)) else {
      throw Manifest.malformed("a partition of no listed place or section")
    }
    return PartitionID(places[Int(number / 8)], section)
  }

  func dot(_ epoch: UInt64, _ sequence: UInt64) throws(BundleError) -> Dot {
    guard epoch < UInt64(epochs.count), sequence > 0, sequence <= Limits.sequenceMax else {
      throw Manifest.malformed("a dot of no listed epoch, or a sequence out of range")
    }
    return Dot(epochs[Int(epoch)], sequence)
  }

  func vector(_ pairs: some RandomAccessCollection<UInt64>) throws(BundleError) -> VersionVector {
    guard pairs.count % 2 == 0 else { throw Manifest.malformed("half a pair in a vector") }
    var vector = VersionVector()
    var rest = pairs[...]
    while let epoch = rest.popFirst(), let sequence = rest.popFirst() {
      let dot = try dot(epoch, sequence)
      if let last = vector.entries.last, last.epoch >= dot.epoch {
        throw Manifest.malformed("the epochs of a vector are out of order")
      }
      vector.insert(dot)
    }
    return vector
  }

  mutating func delta(_ wire: Yizhan_Delta) throws(BundleError) -> Delta {
    var delta = Delta(
      partition: try partition(wire.partition), base: try vector(wire.base),
      target: try vector(wire.target), digest: wire.digest, births: try births(wire.births))
    let isLog = delta.partition.section.holdsEvents
    do {
      var reader = ByteReader(Array(wire.chains))
      for _ in 0..<(isLog ? 0 : delta.base.entries.count) {
        delta.baseChains.append(try reader.fixed())
      }
      for _ in delta.target.entries { delta.targetChains.append(try reader.chain()) }
      guard reader.isAtEnd else { throw ByteReader.Malformed() }
    } catch { throw Manifest.malformed("it has not a chain value for each leaf") }
    delta.proofs = try proofs(Array(wire.proofs))
    for piece in wire.pieces { delta.pieces.append(try self.piece(piece)) }
    return delta
  }

  private func proofs(_ bytes: [UInt8]) throws(BundleError) -> [Proof] {
    var proofs: [Proof] = []
    var reader = ByteReader(bytes)
    do {
      while !reader.isAtEnd {
        let index = try reader.varint()
        let first = try reader.varint()
        let further = try reader.varint()
        let count = try reader.varint()
        let signature = Array(try reader.bytes(Proof.signatureBytes))
        var gone: [ChainValue] = []
        for _ in 0..<(try reader.count()) { gone.append(try reader.chain()) }
        guard index < UInt64(epochs.count), first > 0, further < Limits.sequenceMax,
          first + further <= Limits.sequenceMax, count <= Limits.proofValuesMax
        else { throw ByteReader.Malformed() }
        proofs.append(
          Proof(
            epoch: epochs[Int(index)], first: first, last: first + further, count: count,
            signature: signature, gone: gone))
      }
    } catch { throw Manifest.malformed("a proof that is cut short or of no listed epoch") }
    return proofs
  }

  /// An epoch is born once, so births take no more memory than the epochs listed.
  private mutating func births(_ numbers: [UInt64]) throws(BundleError) -> [Birth] {
    var births: [Birth] = []
    var rest = numbers[...]
    while let epoch = rest.popFirst() {
      guard let author = rest.popFirst(), let parents = rest.popFirst(),
        epoch < UInt64(epochs.count), author / 2 < UInt64(places.count),
        parents <= UInt64(rest.count / 2), let role = Role(rawValue: UInt8(author % 2)),
        born.insert(epoch).inserted
      else { throw Manifest.malformed("a birth that is cut short, of nobody, or told twice") }
      let pairs = rest.prefix(2 * Int(parents))
      rest = rest.dropFirst(2 * Int(parents))
      births.append(
        Birth(
          epoch: epochs[Int(epoch)],
          author: Author(place: places[Int(author / 2)], role: role),
          parents: try vector(pairs)))
    }
    return births
  }

  private func piece(_ wire: Yizhan_Piece) throws(BundleError) -> Piece {
    let isInline = !wire.content.isEmpty
    guard isInline != (wire.length > 0), wire.hash.count == (isInline ? 0 : 16),
      wire.length <= UInt32(Limits.pieceBytesMax), wire.content.count <= Limits.inlineBytesMax
    else { throw Manifest.malformed("a piece that is neither within nor after it") }
    if isInline { return Piece(.inline(Array(wire.content))) }
    var hash = ByteReader(Array(wire.hash))
    guard let value = try? hash.chain() else { throw Manifest.malformed("a hash cut short") }
    return Piece(.following(length: Int(wire.length), hash: value))
  }
}
