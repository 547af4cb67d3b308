import Bundles
import Causality
import Records

/// A bundle put together by hand from what it is to say.
struct BundleDraft {
  var manifest: Manifest
  let catalogue: Catalogue?
  private var contents: [[Telling.Content]] = []
  private var following: [UInt8] = []
  private let codec = BundleCodec()

  /// From the station of these vectors to its hub.
  init(catalogue: Catalogue? = nil) {
    manifest = Manifest(
      sender: VectorWorld.village, reader: VectorWorld.town, number: 1,
      made: UInt64(VectorWorld.morning / 1000))
    self.catalogue = catalogue
    manifest.catalogue = catalogue?.identity
  }

  /// Where a piece stands.
  enum Place {
    /// Within the manifest if it is small enough.
    case usual
    /// Behind the manifest, however small.
    case behind
  }

  /// Adds a delta of which nothing but the pieces is missing.
  mutating func add(
    _ delta: Delta, _ pieces: [Telling.Content], at place: Place = .usual
  ) {
    var delta = delta
    for content in pieces {
      let bytes = encode(content)
      var piece = BundleCodec.piece(bytes)
      if place == .behind {
        piece = Piece(.following(length: bytes.count, hash: ChainValue(hashing: bytes)))
      }
      if piece.following > 0 { following += bytes }
      delta.pieces.append(piece)
    }
    manifest.deltas.append(delta)
    contents.append(pieces)
  }

  private mutating func encode(_ content: Telling.Content) -> [UInt8] {
    switch content {
    case .events(let list):
      codec.encode(list.piece(catalogue), catalogue: catalogue, into: &manifest)
    case .records(let piece): codec.encode(piece, into: &manifest)
    }
  }

  var telling: Telling {
    Telling(
      manifest: manifest, contents: contents, bytes: BundleHead.serialized(manifest) + following)
  }

  /// A delta of records that a replica with nothing lacks. Nobody but an author knows the chain.
  static func delta(
    _ partition: PartitionID, to target: VersionVector, births: [Birth], _ pieces: [RecordPiece]
  ) -> Delta {
    var digest = Digest()
    for piece in pieces {
      for record in piece.records { Self.count(record, piece.layouts[record.layout], &digest) }
    }
    return Delta(
      partition: partition, base: VersionVector(), target: target,
      targetChains: target.entries.map { _ in ChainValue(low: 0, high: 0) },
      digest: digest.short, births: births)
  }

  private static func count(_ record: WireRecord, _ layout: RecordLayout, _ digest: inout Digest) {
    let isDeleted = record.fields.contains { layout.fields[$0.name].name.isEmpty }
    for field in record.fields {
      let name = layout.fields[field.name].name
      guard !isDeleted || name.isEmpty else { continue }
      for sibling in field.siblings {
        digest.add(
          Canonical.item(
            collection: layout.collection, id: record.id, field: name, sibling: sibling))
      }
    }
  }
}

/// A log as it grows, with its chains.
struct LogHistory {
  let partition: PartitionID
  private var ancestry = Ancestry()
  private var births: [Birth] = []
  private var chains: [Epoch: Chain] = [:]
  private var values: [Dot: ChainValue] = [:]
  private(set) var vector = VersionVector()

  init(_ partition: PartitionID) { self.partition = partition }

  /// Begins an epoch of the station's, born from all there is.
  mutating func begin(_ epoch: Epoch) throws {
    let birth = Birth(
      epoch: epoch, author: Author(place: VectorWorld.village, role: .station), parents: vector)
    try ancestry.insert(birth)
    births.append(birth)
    let parents = vector.entries.map { values[$0.dot] ?? ChainValue(low: 0, high: 0) }
    chains[epoch] = Chain(partition: partition, birth: birth, parents: parents)
  }

  mutating func log(_ event: EventList.Event, of list: EventList) {
    chains[event.dot.epoch]?.absorb(
      Canonical.event(
        collection: list.collections[event.collection].name, cells: event.cells))
    values[event.dot] = chains[event.dot.epoch]?.value
    vector = ancestry.join(vector, VersionVector(event.dot))
  }

  /// Everything so far, for a replica that has nothing.
  var delta: Delta {
    var digest = Digest()
    let chains = vector.entries.map { values[$0.dot] ?? ChainValue(low: 0, high: 0) }
    for (entry, value) in zip(vector.entries, chains) {
      digest.add(Canonical.epoch(entry.dot, chain: value))
    }
    return Delta(
      partition: partition, base: VersionVector(), target: vector, targetChains: chains,
      digest: digest.short, births: births)
  }
}
