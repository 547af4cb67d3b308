import Bundles
import Causality
import Foundation
import Records
import Replica
import Synchronization
import Village

/// Replicas in a temporary folder, with a clock that a story sets and dice that show the same
/// everywhere.
final class VectorWorld {
  /// The places of the examples in Protocol/02.
  static let county = place("34.01.23")
  static let town = place("34.01.23.109")
  static let village = place("34.01.23.109.207")
  /// Milliseconds since 1970: the morning of 2026-03-01.
  static let morning: Int64 = 1_772_330_340_000

  private static func place(_ code: String) -> PlaceID {
    guard let code = PlaceCode(code) else { preconditionFailure("\(code) is a code") }
    return code.foundingID
  }

  /// What surrounds every replica of a world.
  private final class Sky: Sendable {
    private let state: Mutex<(wall: Int64, epochs: [UInt64], dice: SplitMix64)>

    init(_ epochs: [UInt64]) {
      state = Mutex((VectorWorld.morning, epochs, SplitMix64(seed: 2026)))
    }

    var wall: Int64 { state.withLock { $0.wall } }
    func wait(_ milliseconds: Int64) { state.withLock { $0.wall += milliseconds } }

    func draw() -> UInt64 {
      state.withLock { state in
        state.epochs.isEmpty ? state.dice.next() : state.epochs.removeFirst()
      }
    }
  }

  private let folder: String
  private let sky: Sky
  private var count = 0

  /// The first epochs that are born have these bits.
  init(epochs: [UInt64] = []) throws {
    sky = Sky(epochs)
    folder = Self.base + "vectors-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private static let base =
    FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm/" : NSTemporaryDirectory()

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func wait(seconds: Int64) { sky.wait(seconds * 1000) }

  private var surroundings: Surroundings {
    let sky = sky
    return Surroundings(wall: { sky.wall }, random: { sky.draw() })
  }

  func hub(_ place: PlaceID = town, schema: Schema = Village.schema) throws -> Replica {
    try replica("hub \(place)", Author(place: place, role: .hub), schema)
  }

  func station(schema: Schema = Village.schema) throws -> Replica {
    try replica("station", Author(place: Self.village, role: .station), schema)
  }

  /// A second, empty database of the station's place.
  func clone(_ name: String = "clone") throws -> Replica {
    try replica(name, Author(place: Self.village, role: .station), Village.schema)
  }

  private func replica(_ name: String, _ author: Author, _ schema: Schema) throws -> Replica {
    try Replica.create(
      at: folder + "/" + name, as: Identity(author), schema: schema, surroundings: surroundings)
  }

  /// The station after a restart: its next write begins an epoch.
  func reopenStation(_ station: Replica) throws -> Replica {
    try station.close()
    return try Replica.open(
      at: folder + "/station", schema: station.schema, surroundings: surroundings)
  }

  // MARK: Bundles

  /// What a bundle is to hold besides the usual.
  struct Wish {
    var bases: [PartitionID: VersionVector] = [:]
    var receipts: [Receipt] = []
    var catalogue: Catalogue?
    var catalogueLacking: UInt64?
    var number: UInt64 = 1
    var bytesMax = UInt64.max
  }

  /// A bundle with what `from` holds of these partitions beyond the wish's bases.
  func bundle(
    _ from: Replica, to reader: PlaceID, _ partitions: [PartitionID], _ wish: Wish = Wish()
  ) throws -> Telling {
    let parts = partitions.sorted().map {
      BundleOrder.Part(partition: $0, base: wish.bases[$0] ?? VersionVector())
    }
    let order = BundleOrder(
      reader: reader, parts: parts, receipts: wish.receipts, catalogue: wish.catalogue,
      catalogueLacking: wish.catalogueLacking, number: wish.number,
      made: UInt64(sky.wall / 1000) + 60, bytesMax: wish.bytesMax)
    let spool = Spool()
    let manifest = try from.read { try $0.compose(order, codec: BundleCodec(), spool: spool) }
    let telling = try BundleReading.read(
      BundleHead.serialized(manifest) + spool.pieces.joined(), catalogue: wish.catalogue)
    if wish.bases.isEmpty, !manifest.hasMore {
      try check(telling, partitions, from, wish.catalogue)
    }
    return telling
  }

  /// What a bundle tells is what the reader made of it; that this is what the sender holds is seen
  /// where it is merged.
  private func check(
    _ telling: Telling, _ partitions: [PartitionID], _ from: Replica, _ catalogue: Catalogue?
  ) throws {
    count += 1
    let other = try replica("\(count)", Author(place: Self.county, role: .hub), Village.schema)
    try other.merge(telling, catalogue: catalogue)
    for partition in partitions {
      try demand(try other.dump(partition) == from.dump(partition), "\(partition) differs")
    }
    try other.close()
  }

  /// Carries what `to` lacks of these partitions.
  func carry(_ from: Replica, _ to: Replica, _ partitions: [PartitionID]) throws {
    let bases = try to.read { store in
      try partitions.map { ($0, try store.summary($0).vector) }
    }
    let wish = Wish(bases: Dictionary(uniqueKeysWithValues: bases))
    let telling = try bundle(from, to: to.identity.place, partitions, wish)
    try to.merge(telling, catalogue: nil)
  }
}

/// Pieces that are being written.
private final class Spool: PieceSpool {
  var pieces: [[UInt8]] = []

  func add(_ bytes: [UInt8]) { pieces.append(bytes) }
  func keep(_ count: Int) { pieces.removeLast(pieces.count - count) }
}

/// The pieces of a bundle that is being read.
private struct Pieces: BundleContent {
  let manifest: Manifest
  let following: [UInt8]

  func bytes(delta: Int, piece: Int) throws(BundleError) -> [UInt8] {
    let listed = manifest.deltas[delta].pieces
    if case .inline(let bytes) = listed[piece].body { return bytes }
    let before = manifest.deltas[..<delta].flatMap(\.pieces) + listed[..<piece]
    let start = before.reduce(0) { $0 + $1.following }
    return Array(following[start..<start + listed[piece].following])
  }
}

extension Replica {
  /// Merges a bundle, of which every delta must be taken.
  func merge(_ telling: Telling, catalogue: Catalogue?) throws {
    let length = try BundleHead(parsing: telling.bytes).length
    let content = Pieces(
      manifest: telling.manifest, following: Array(telling.bytes[length...]))
    try write { store in
      for index in telling.manifest.deltas.indices {
        let outcome = try store.merge(
          index, of: telling.manifest, codec: BundleCodec(), catalogue: catalogue,
          content: content)
        try demand(outcome.refusal == nil, "\(outcome)")
      }
    }
  }

  fileprivate func dump(_ partition: PartitionID) throws -> [String] {
    var lines: [String] = []
    try read { store in try store.dump(partition) { lines.append($0) } }
    return lines
  }

  func vector(_ partition: PartitionID) throws -> VersionVector {
    try read { try $0.summary(partition).vector }
  }
}
