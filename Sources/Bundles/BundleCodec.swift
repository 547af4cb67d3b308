internal import Causality
internal import Records
internal import Wording

/// Writes and reads the pieces of one bundle. Keeps zlib's state, so make one and use it for many
/// bundles. Not thread-safe.
package final class BundleCodec {
  private let deflater = Deflater()
  private let inflater = Inflater()

  package init() {}

  /// The bytes of an event piece. Epochs that the manifest does not list yet are added to it.
  package func encode(
    _ piece: EventPiece, catalogue: Catalogue?, into manifest: inout Manifest
  ) -> [UInt8] {
    // Packed dots of the piece point into the piece's own list; the wire's point into the manifest.
    for epoch in piece.epochs { _ = manifest.epochs.index(of: epoch) }
    for segment in piece.segments { _ = manifest.epochs.index(of: segment.epoch) }
    let table = manifest.epochs
    let translated = EventPiece(
      segments: piece.segments, batches: Self.translate(piece, to: table), texts: piece.texts,
      epochs: table.list)
    return EventPieceCoding.encode(
      translated, catalogue: catalogue, epochIndex: { table.known($0) ?? 0 }, deflater: deflater)
  }

  private static func translate(_ piece: EventPiece, to table: EpochTable) -> [EventBatch] {
    guard piece.epochs != Array(table.list.prefix(piece.epochs.count)) else { return piece.batches }
    let indices = piece.epochs.map { table.known($0) ?? 0 }
    return piece.batches.map { batch in
      var batch = batch
      for (index, column) in batch.collection.columns.enumerated() where column.kind == .dot {
        batch.columns[index] = batch.columns[index].map { cell in
          cell == Cell.null
            ? cell
            : Cell.dot(epoch: indices[Int(cell >> 32)], sequence: UInt64(cell & 0xFFFF_FFFF))
        }
      }
      return batch
    }
  }

  /// The bytes of a record piece. Epochs that the manifest does not list yet are added to it.
  package func encode(_ piece: RecordPiece, into manifest: inout Manifest) -> [UInt8] {
    for record in piece.records {
      _ = manifest.epochs.index(of: record.id.epoch)
      for entry in record.vector.entries { _ = manifest.epochs.index(of: entry.epoch) }
      for field in record.fields {
        for sibling in field.siblings {
          _ = manifest.epochs.index(of: sibling.dot.epoch)
          if let dot = sibling.value.dot { _ = manifest.epochs.index(of: dot.epoch) }
        }
      }
    }
    let table = manifest.epochs
    return RecordPieceCoding.encode(
      piece, made: manifest.madeTime, epochIndex: { table.known($0) ?? 0 }, epochs: table.list,
      deflater: deflater)
  }

  /// Reads an event piece. `catalogue` must be the one that the manifest names.
  package func events(
    _ bytes: [UInt8], of manifest: Manifest, catalogue: Catalogue?
  ) throws(BundleError) -> EventPiece {
    guard manifest.catalogue == catalogue?.identity else {
      throw BundleError(
        .catalogueUnknown, "the bundle was written for a catalogue that is not held here")
    }
    guard bytes.first == EventPieceCoding.kind else {
      throw EventPieceCoding.malformed("it is of another kind")
    }
    return try EventPieceCoding.decode(
      bytes, epochs: manifest.epochs.list, catalogue: catalogue, inflater: inflater)
  }

  package func records(
    _ bytes: [UInt8], of manifest: Manifest
  ) throws(BundleError) -> RecordPiece {
    guard bytes.first == RecordPieceCoding.kind else {
      throw RecordStream.malformed("it is of another kind")
    }
    return try RecordPieceCoding.decode(
      bytes, made: manifest.madeTime, epochs: manifest.epochs.list, inflater: inflater)
  }

  /// Wraps the bytes of a piece: small ones go into the manifest.
  package static func piece(_ bytes: [UInt8]) -> Piece {
    precondition(bytes.count <= Limits.pieceBytesMax, "P14: a piece over its limit")
    return bytes.count <= Limits.inlineBytesMax
      ? Piece(.inline(bytes))
      : Piece(.following(length: bytes.count, hash: ChainValue(hashing: bytes)))
  }

  /// Checks the bytes of a following piece against the manifest.
  package static func verify(_ bytes: [UInt8], as piece: Piece) throws(BundleError) {
    guard case .following(let length, let hash) = piece.body else { return }
    guard bytes.count == length else {
      throw BundleError(.truncated, "a piece is cut short")
    }
    guard ChainValue(hashing: bytes) == hash else {
      throw BundleError(.pieceDamaged, "a piece is damaged")
    }
  }
}

extension Manifest {
  /// Times in record pieces are told relative to this.
  var madeTime: HybridTime {
    HybridTime(milliseconds: Int64(clamping: made.multipliedReportingOverflow(by: 1000).0))
  }
}
