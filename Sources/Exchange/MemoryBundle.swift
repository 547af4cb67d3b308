package import Bundles
internal import Replica
package import Trust
internal import Wording

/// Where the following pieces of a bundle lie, sealed or not.
package struct PieceMap: Sendable {
  package struct Place: Sendable {
    /// From the start of the bundle, and in bytes as they travel.
    package let offset: UInt64
    package let length: Int
    /// From 1.
    package let number: UInt64
  }

  private let places: [[Place]]

  /// `start` is where the first following piece begins; each is `tag` bytes longer than the manifest
  /// says.
  package init(_ manifest: Manifest, start: Int, tag: Int) {
    var offset = UInt64(start)
    var number: UInt64 = 0
    places = manifest.deltas.map { delta in
      delta.pieces.map { piece in
        guard piece.following > 0 else { return Place(offset: offset, length: 0, number: 0) }
        number += 1
        defer { offset += UInt64(piece.following + tag) }
        return Place(offset: offset, length: piece.following + tag, number: number)
      }
    }
  }

  package subscript(delta: Int, piece: Int) -> Place { places[delta][piece] }
}

/// A bundle in memory, whole or cut short.
package struct MemoryBundle: BundleContent {
  package let manifest: Manifest
  private let bytes: [UInt8]
  private let pieces: PieceMap
  private let seal: Seal?

  /// Reads and checks a bundle that is not sealed, as it never travels.
  package init(plain bytes: [UInt8]) throws(BundleError) {
    self.bytes = bytes
    let head = try BundleHead(parsing: bytes)
    guard UInt64(bytes.count) <= head.bundleLength else {
      throw BundleError(
        .trailingBytes, "the bundle goes on behind its end", offset: head.bundleLength)
    }
    manifest = head.manifest
    pieces = PieceMap(manifest, start: head.length, tag: 0)
    seal = nil
  }

  /// A sealed bundle whose head was opened.
  package init(_ sealed: SealedBytes, _ opened: (manifest: Manifest, seal: Seal)) {
    bytes = sealed.bytes
    manifest = opened.manifest
    seal = opened.seal
    pieces = PieceMap(manifest, start: sealed.envelope.length, tag: Envelope.tagBytes)
  }

  package func bytes(delta: Int, piece: Int) throws(BundleError) -> [UInt8] {
    let listed = manifest.deltas[delta].pieces[piece]
    if case .inline(let bytes) = listed.body { return bytes }
    let place = pieces[delta, piece]
    let end = Int(place.offset) + place.length
    guard end <= bytes.count else {
      throw BundleError(.truncated, "the bundle ends too early", offset: UInt64(bytes.count))
    }
    return try listed.opened(Array(bytes[Int(place.offset)..<end]), place, seal)
  }
}

extension Piece {
  /// The bytes of a following piece as the manifest lists it, from those that travelled.
  package func opened(
    _ bytes: [UInt8], _ place: PieceMap.Place, _ seal: Seal?
  ) throws(BundleError) -> [UInt8] {
    do throws(BundleError) {
      let content: [UInt8]
      if let seal {
        do { content = try seal.open(bytes, number: place.number) } catch {
          throw BundleError(.pieceDamaged, "a piece is damaged")
        }
      } else {
        content = bytes
      }
      try BundleCodec.verify(content, as: self)
      return content
    } catch {
      var error = error
      error.offset = place.offset
      throw error
    }
  }
}

/// A sealed bundle in memory as it came: what a courier can read of it.
package struct SealedBytes: Sendable {
  package let bytes: [UInt8]
  package let envelope: Envelope

  /// Reads and checks the label. A bundle may be cut short behind its head.
  package init(_ bytes: [UInt8]) throws(BundleError) {
    self.bytes = bytes
    envelope = try Envelope(parsing: bytes)
    guard UInt64(bytes.count) <= envelope.bundleLength else {
      throw BundleError(
        .trailingBytes, "the bundle goes on behind its end", offset: envelope.bundleLength)
    }
  }
}

/// Pieces in memory: for bundles whose size is bounded.
package final class MemorySpool: PieceSpool {
  package private(set) var bytes: [UInt8] = []
  private var ends: [Int] = []

  package init() {}

  package func add(_ piece: [UInt8]) {
    bytes += piece
    ends.append(bytes.count)
  }

  package func keep(_ count: Int) {
    ends.removeLast(ends.count - count)
    bytes.removeLast(bytes.count - (ends.last ?? 0))
  }

  /// All of them, as they follow a sealed head.
  package func sealed(_ seal: Seal) -> [UInt8] {
    var sealed: [UInt8] = []
    sealed.reserveCapacity(bytes.count + ends.count * Envelope.tagBytes)
    for (index, end) in ends.enumerated() {
      let start = index == 0 ? 0 : ends[index - 1]
      sealed += seal.close(Array(bytes[start..<end]), number: UInt64(index) + 1)
    }
    return sealed
  }
}
