import Bundles
import Causality
import Wording

/// Reads a whole bundle as Protocol/03 says, with the program's own code.
enum BundleReading {
  static func read(
    _ bytes: [UInt8], catalogue: Catalogue?
  ) throws(BundleError) -> Telling {
    let head = try BundleHead(parsing: bytes)
    guard UInt64(bytes.count) <= head.bundleLength else {
      throw BundleError(.trailingBytes, "the bundle goes on behind its end")
    }
    let pieces = try verified(bytes, head)
    var telling = Telling(manifest: head.manifest, contents: [], bytes: bytes)
    let codec = BundleCodec()
    for (delta, pieces) in zip(head.manifest.deltas, pieces) {
      var contents: [Telling.Content] = []
      for piece in pieces {
        if delta.partition.section.holdsEvents {
          let events = try codec.events(piece, of: head.manifest, catalogue: catalogue)
          contents.append(.events(EventList(events)))
        } else {
          contents.append(.records(try codec.records(piece, of: head.manifest)))
        }
      }
      telling.contents.append(contents)
    }
    return telling
  }

  /// The bytes of all pieces, each checked against the manifest.
  private static func verified(
    _ bytes: [UInt8], _ head: BundleHead
  ) throws(BundleError) -> [[[UInt8]]] {
    var offset = head.length
    var all: [[[UInt8]]] = []
    for delta in head.manifest.deltas {
      var pieces: [[UInt8]] = []
      for piece in delta.pieces {
        if case .inline(let content) = piece.body {
          pieces.append(content)
        } else {
          let end = min(bytes.count, offset + piece.following)
          let content = Array(bytes[min(offset, end)..<end])
          offset += piece.following
          try BundleCodec.verify(content, as: piece)
          pieces.append(content)
        }
      }
      all.append(pieces)
    }
    return all
  }
}
