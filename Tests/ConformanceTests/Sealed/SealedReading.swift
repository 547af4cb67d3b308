import Bundles
import Causality
import Exchange
import Records
import Trust

/// Reads a whole sealed bundle, as Protocol/07 says, with the program's own code: all checks but
/// those that take a replica.
enum SealedReading {
  struct Content: Equatable {
    let label: Label
    let introduction: [UInt8]
    let manifest: [UInt8]
    /// The following ones, without their seals.
    let pieces: [[UInt8]]
  }

  static func read(
    _ bytes: [UInt8], from sender: PublicKeys, with reader: SecretKeys
  ) throws(BundleError) -> Content {
    let sealed = try SealedBytes(bytes)
    let opened = try SealedHead.open(sealed.envelope, from: sender, with: reader)
    let bundle = MemoryBundle(sealed, opened)
    var pieces: [[UInt8]] = []
    for (delta, listed) in opened.manifest.deltas.enumerated() {
      for (piece, place) in listed.pieces.enumerated() where place.following > 0 {
        pieces.append(try bundle.bytes(delta: delta, piece: piece))
      }
    }
    return Content(
      label: sealed.envelope.label, introduction: sealed.envelope.introduction,
      manifest: opened.manifest.bytes, pieces: pieces)
  }
}
