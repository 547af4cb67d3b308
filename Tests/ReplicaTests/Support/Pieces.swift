import Bundles
import Causality
import Records
import Testing

@testable import Replica

/// Bundles of many small pieces, which an honest writer makes only of much more content.
enum Pieces {
  /// All of a log of one epoch, in pieces of at most `bytesMax`.
  static func log(
    of sender: Replica, _ partition: PartitionID, bytesMax: UInt64
  ) throws -> Parcel {
    var base = VersionVector()
    var pieces: [Piece] = []
    var bytes: [[UInt8]] = []
    var whole: Manifest?
    repeat {
      let part = try Parcel(from: sender, [partition: base], bytesMax: bytesMax).opened()
      let delta = try #require(part.manifest.deltas.first)
      pieces += delta.pieces
      bytes += part.following
      base = delta.target
      if whole == nil { whole = part.manifest }
      whole?.deltas[0].target = delta.target
      whole?.deltas[0].targetChains = delta.targetChains
      whole?.deltas[0].digest = delta.digest
    } while try base != sender.vector(partition)
    var manifest = try #require(whole)
    manifest.hasMore = false
    manifest.deltas[0].pieces = pieces
    return Parcel(manifest, bytes)
  }

  /// All records of a partition, each in a piece of its own.
  static func records(of sender: Replica, _ partition: PartitionID) throws -> Parcel {
    let opened = try Parcel(from: sender, [partition: .init()]).opened()
    let codec = BundleCodec()
    var manifest = opened.manifest
    var pieces: [Piece] = []
    var bytes: [[UInt8]] = []
    for number in manifest.deltas[0].pieces.indices {
      let whole = try codec.records(opened.bytes(delta: 0, piece: number), of: opened.manifest)
      for record in whole.records {
        let part = codec.encode(
          RecordPiece(layouts: whole.layouts, records: [record]), into: &manifest)
        pieces.append(BundleCodec.piece(part))
        if part.count > Limits.inlineBytesMax { bytes.append(part) }
      }
    }
    manifest.deltas[0].pieces = pieces
    return Parcel(manifest, bytes)
  }

  /// The file offsets at which following pieces begin, and the end.
  static func edges(_ parcel: Parcel) throws -> [Int] {
    let opened = try parcel.opened()
    return opened.following.reduce(into: [opened.head.length]) { $0.append($0.last! + $1.count) }
  }
}
