package import Bundles
internal import Replica
internal import Wording

/// A bundle in memory, whole or cut short.
package struct MemoryBundle: BundleContent {
  package let head: BundleHead
  private let bytes: [UInt8]
  /// Where each following piece begins, by delta and piece.
  private let offsets: [[Int]]

  /// Reads and checks the head.
  package init(_ bytes: [UInt8]) throws(BundleError) {
    self.bytes = bytes
    head = try BundleHead(parsing: bytes)
    guard UInt64(bytes.count) <= head.bundleLength else {
      throw BundleError(
        .trailingBytes, "the bundle goes on behind its end", offset: head.bundleLength)
    }
    var offset = head.length
    offsets = head.manifest.deltas.map { delta in
      delta.pieces.map { piece in
        defer { offset += piece.following }
        return offset
      }
    }
  }

  package func bytes(delta: Int, piece: Int) throws(BundleError) -> [UInt8] {
    let listed = head.manifest.deltas[delta].pieces[piece]
    switch listed.body {
    case .inline(let bytes): return bytes
    case .following(let length, _):
      let start = offsets[delta][piece]
      guard start + length <= bytes.count else {
        throw BundleError(.truncated, "the bundle ends too early", offset: UInt64(bytes.count))
      }
      let content = Array(bytes[start..<start + length])
      do { try BundleCodec.verify(content, as: listed) } catch {
        var error = error
        error.offset = UInt64(start)
        throw error
      }
      return content
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
}
