import Causality
import Records

@testable import Bundles

/// Makes random manifests, and bundles whose pieces hold what they claim.
struct RandomManifests {
  var random: SplitMix64
  private let epochs: [Epoch]
  /// Each is born once in a manifest.
  private var born: Set<Epoch> = []

  init(_ source: inout SplitMix64) {
    var random = SplitMix64(seed: source.next())
    epochs = (0..<6).map { _ in Epoch(from: &random) }
    self.random = random
  }

  mutating func manifest() -> Manifest {
    born = []
    var manifest = Manifest(
      sender: PlaceID(bits: 1 + random.next() >> 1), reader: PlaceID(bits: UInt64.max),
      number: min(random.anyLength(), Limits.numberMax),
      made: min(random.anyLength(), Limits.madeMax))
    manifest.part = UInt32(truncatingIfNeeded: random.anyLength())
    manifest.hasMore = random.chance(50)
    if random.chance(50) { manifest.catalogue = 1 + random.next() >> 1 }
    if random.chance(50) { manifest.catalogueLacking = 1 + random.next() >> 1 }
    for partition in partitions(manifest) { manifest.deltas.append(delta(partition)) }
    for partition in partitions(manifest) {
      manifest.receipts.append(
        Receipt(
          partition: partition, received: vector(), safe: vector(), digest: random.anyLength(),
          refused: random.chance(20) ? "gap" : nil))
    }
    return manifest
  }

  private mutating func partitions(_ manifest: Manifest) -> [PartitionID] {
    let places = [manifest.sender, manifest.reader, PlaceID(bits: 77), PlaceID(bits: 99)]
    let all = places.flatMap { place in Section.allCases.map { PartitionID(place, $0) } }
    return all.filter { _ in random.chance(25) }
  }

  mutating func vector() -> VersionVector {
    var vector = VersionVector()
    for epoch in epochs where random.chance(40) {
      let top = random.chance(10) ? Limits.sequenceMax : UInt64(1 + random.below(5000))
      vector.insert(Dot(epoch, top))
    }
    return vector
  }

  private mutating func chain() -> ChainValue {
    ChainValue(low: random.next(), high: random.next())
  }

  private mutating func delta(_ partition: PartitionID) -> Delta {
    var delta = Delta(partition: partition, base: vector(), target: vector())
    if !partition.section.holdsEvents {
      delta.baseChains = delta.base.entries.map { _ in random.next() }
    }
    delta.targetChains = delta.target.entries.map { _ in chain() }
    delta.digest = random.anyLength()
    for epoch in epochs where random.chance(30) && born.insert(epoch).inserted {
      let author = Author(
        place: PlaceID(bits: UInt64(77 + random.below(30))), role: random.pick(Role.allCases))
      delta.births.append(Birth(epoch: epoch, author: author, parents: vector()))
    }
    for _ in 0..<random.below(4) {
      delta.pieces.append(
        random.chance(50)
          ? Piece(.inline(random.bytes(1 + random.below(40))))
          : Piece(.following(length: 1 + random.below(Limits.pieceBytesMax), hash: chain())))
    }
    return delta
  }
}

/// A whole bundle as bytes, and how it is read.
struct TestBundle {
  var manifest: Manifest
  let catalogue: Catalogue?
  let bytes: [UInt8]

  /// Log pieces and record pieces, some within the manifest and some after it.
  init(_ source: inout SplitMix64) {
    var events = RandomEvents(&source)
    var records = RandomRecords(&source)
    catalogue = events.catalogue
    manifest = emptyManifest(catalogue)
    let codec = BundleCodec()
    var following: [UInt8] = []
    func add(_ bytes: [UInt8], _ delta: inout Delta) {
      let piece = BundleCodec.piece(bytes)
      if piece.following > 0 { following += bytes }
      delta.pieces.append(piece)
    }
    var log = Delta(partition: PartitionID(PlaceID(bits: 1), .log), base: .init(), target: .init())
    var work = Delta(
      partition: PartitionID(PlaceID(bits: 1), .work), base: .init(), target: .init())
    for count in [40, 3, 60] {
      add(
        codec.encode(
          events.story(events: count).piece(catalogue), catalogue: catalogue, into: &manifest), &log
      )
      add(codec.encode(records.piece(records: count), into: &manifest), &work)
    }
    manifest.deltas = [log, work]
    bytes = BundleHead.serialized(manifest) + following
  }

  /// Reads a bundle as every reader must: the head, then all pieces are verified, then decoded.
  static func read(
    _ bytes: [UInt8], _ catalogue: Catalogue?, codec: BundleCodec
  ) throws(BundleError) -> Manifest {
    let head = try BundleHead(parsing: bytes)
    var offset = head.length
    var contents: [(bytes: [UInt8], isLog: Bool)] = []
    for delta in head.manifest.deltas {
      for piece in delta.pieces {
        let content: [UInt8]
        switch piece.body {
        case .inline(let bytes): content = bytes
        case .following(let length, _):
          content = Array(bytes[offset..<min(bytes.count, offset + length)])
          offset += content.count
        }
        try BundleCodec.verify(content, as: piece)
        contents.append((content, delta.partition.section.holdsEvents))
      }
    }
    for (content, isLog) in contents {
      if isLog {
        _ = try codec.events(content, of: head.manifest, catalogue: catalogue)
      } else {
        _ = try codec.records(content, of: head.manifest)
      }
    }
    return head.manifest
  }
}
