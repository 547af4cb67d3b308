package import Bundles
internal import Replica
internal import Wording

/// A bundle in a file: the head in memory, pieces read when they are asked for.
package struct BundleFile: BundleContent {
  package let path: String
  package let head: BundleHead
  package let size: UInt64
  private let handle: Files.Handle
  /// Where each following piece begins, by delta and piece.
  private let offsets: [[UInt64]]

  /// Reads and checks the head. Throws `BundleError`, or `MailbagError` if reading fails.
  package init(_ path: String) throws {
    self.path = path
    guard try Files.isFile(path) else {
      throw BundleError(.notABundle, "this is not a file", offset: 0)
    }
    handle = try Files.open(path)
    size = try Files.size(path)
    let prefix = try handle.read(at: 0, count: BundleHead.prefixBytes, of: path)
    let end = try BundleHead.manifestEnd(prefix: prefix)
    head = try BundleHead(parsing: handle.read(at: 0, count: end + 1, of: path))
    var offset = UInt64(head.length)
    offsets = head.manifest.deltas.map { delta in
      delta.pieces.map { piece in
        defer { offset += UInt64(piece.following) }
        return offset
      }
    }
    guard size <= head.bundleLength else {
      throw BundleError(
        .trailingBytes, "the bundle goes on behind its end", offset: head.bundleLength)
    }
  }

  package func bytes(delta: Int, piece: Int) throws(BundleError) -> [UInt8] {
    let listed = head.manifest.deltas[delta].pieces[piece]
    switch listed.body {
    case .inline(let bytes): return bytes
    case .following(let length, _):
      let offset = offsets[delta][piece]
      do {
        let bytes = try handle.read(at: offset, count: length, of: path)
        try BundleCodec.verify(bytes, as: listed)
        return bytes
      } catch var error as BundleError {
        error.offset = offset
        throw error
      } catch {
        throw BundleError(.truncated, "the bundle cannot be read: \(error)", offset: offset)
      }
    }
  }

  /// Checks every piece. Throws the first `BundleError`.
  package func verify() throws(BundleError) {
    for (index, delta) in head.manifest.deltas.enumerated() {
      for number in delta.pieces.indices { _ = try bytes(delta: index, piece: number) }
    }
    guard size == head.bundleLength else {
      throw BundleError(.truncated, "the bundle ends too early", offset: size)
    }
  }
}
