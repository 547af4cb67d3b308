package import Causality
package import Records

/// Consecutive events of one epoch and collection.
package struct EventSegment: Hashable, Sendable {
  /// Index into `EventPiece.batches`.
  package let batch: Int
  package let epoch: Epoch
  package let first: UInt64
  package let count: Int

  package init(batch: Int, epoch: Epoch, first: UInt64, count: Int) {
    self.batch = batch
    self.epoch = epoch
    self.first = first
    self.count = count
  }

  package var last: Dot { Dot(epoch, first + UInt64(count) - 1) }
}

/// The events of one collection in a piece, as columns. A cell is a number, the number of a text
/// in the piece's texts, a packed dot (`Cell.dot`), or `Cell.null`.
package struct EventBatch: Sendable {
  package let collection: EventCollection
  package internal(set) var columns: [[Int64]]

  package init(collection: EventCollection, columns: [[Int64]]) {
    self.collection = collection
    self.columns = columns
  }

  package var rows: Int { columns.first?.count ?? 0 }
}

/// A run of events: what a log piece holds. Segments are in an order in which each is complete
/// when those before it are merged.
package struct EventPiece: Sendable {
  package let segments: [EventSegment]
  package internal(set) var batches: [EventBatch]
  package let texts: PieceTexts
  /// What packed dots point into.
  package let epochs: [Epoch]

  package init(
    segments: [EventSegment], batches: [EventBatch], texts: PieceTexts, epochs: [Epoch]
  ) {
    self.segments = segments
    self.batches = batches
    self.texts = texts
    self.epochs = epochs
  }

  package var rows: Int { segments.reduce(0) { $0 + $1.count } }
}
