import Bundles
import Causality
import Testing
import Wording

@testable import Replica

/// A bundle as bytes, as it would lie on a stick.
struct Parcel {
  let bytes: [UInt8]

  final class Spool: PieceSpool {
    private(set) var pieces: [[UInt8]] = []
    func add(_ bytes: [UInt8]) { pieces.append(bytes) }
    func keep(_ count: Int) { pieces.removeLast(pieces.count - count) }
  }

  /// What `sender` holds of partitions beyond bases, for `reader`.
  init(
    from sender: Replica, to reader: PlaceID = Shelf.stranger,
    _ bases: [PartitionID: VersionVector], receipts: [Receipt] = [], catalogue: Catalogue? = nil,
    bytesMax: UInt64 = .max
  ) throws {
    let parts = bases.keys.sorted().map { partition in
      BundleOrder.Part(partition: partition, base: bases[partition] ?? VersionVector())
    }
    let order = BundleOrder(
      reader: reader, parts: parts, receipts: receipts, catalogue: catalogue, number: 1,
      made: 1_767_225_600, bytesMax: bytesMax)
    let spool = Spool()
    let codec = BundleCodec()
    let manifest = try sender.write { try $0.compose(order, codec: codec, spool: spool) }
    self.init(manifest, spool.pieces)
  }

  init(_ manifest: Manifest, _ pieces: [[UInt8]]) {
    bytes = BundleHead.serialized(manifest) + pieces.joined()
  }

  init(bytes: [UInt8]) { self.bytes = bytes }

  /// The bundle as a reader sees it, which checks every piece against the manifest.
  func opened() throws(BundleError) -> OpenParcel { try OpenParcel(bytes) }
}

struct OpenParcel: BundleContent {
  let head: BundleHead
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) throws(BundleError) {
    head = try BundleHead(parsing: bytes)
    self.bytes = bytes
    guard UInt64(bytes.count) <= head.bundleLength else {
      throw BundleError(.trailingBytes, "the bundle goes on behind its end")
    }
  }

  var manifest: Manifest { head.manifest }

  func bytes(delta: Int, piece: Int) throws(BundleError) -> [UInt8] {
    let listed = manifest.deltas[delta].pieces[piece]
    if case .inline(let bytes) = listed.body { return bytes }
    let before =
      manifest.deltas[..<delta].flatMap(\.pieces) + manifest.deltas[delta].pieces[..<piece]
    let start = before.reduce(head.length) { $0 + $1.following }
    let end = min(start + listed.following, bytes.count)
    let part = start < end ? Array(bytes[start..<end]) : []
    try BundleCodec.verify(part, as: listed)
    return part
  }

  /// The pieces after the manifest, each as it is.
  var following: [[UInt8]] {
    var start = head.length
    return manifest.deltas.flatMap(\.pieces).filter { $0.following > 0 }.map { piece in
      defer { start += piece.following }
      return Array(bytes[start..<start + piece.following])
    }
  }
}

extension Replica {
  /// Merges every delta of a bundle in one transaction.
  @discardableResult
  func take(_ parcel: Parcel, catalogue: Catalogue? = nil) throws -> [MergeOutcome] {
    let opened = try parcel.opened()
    let codec = BundleCodec()
    return try write { store in
      try opened.manifest.deltas.indices.map {
        try store.merge(
          $0, of: opened.manifest, codec: codec, catalogue: catalogue, content: opened)
      }
    }
  }

  /// Takes all that `other` holds of partitions beyond what is held here.
  @discardableResult
  func pull(_ partitions: [PartitionID], from other: Replica) throws -> [MergeOutcome] {
    let bases = try partitions.map { ($0, try vector($0)) }
    return try take(
      Parcel(from: other, Dictionary(bases, uniquingKeysWith: { first, _ in first })))
  }
}

extension [MergeOutcome] {
  /// The codes of what was refused, nil for what was merged.
  var codes: [String?] { map { $0.refusal?.code } }
  var isClean: Bool { allSatisfy { $0.refusal == nil } }
}
