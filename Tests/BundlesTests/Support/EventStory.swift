import Causality
import Records

@testable import Bundles

/// What a cell says, whatever it is called by.
enum Meaning: Hashable {
  case null
  case integer(Int64)
  case text([UInt8])
  case dot(Dot)

  var value: Value {
    switch self {
    case .null: .null
    case .integer(let number): .integer(number)
    case .text(let bytes): Value(bytes: [2] + bytes)
    case .dot(let dot): .dot(dot)
    }
  }
}

/// One event.
struct Happening: Hashable {
  /// Index into the story's collections.
  let batch: Int
  let dot: Dot
  let cells: [Meaning]
}

/// A piece of events by what it means: two pieces mean the same if their stories are equal.
struct EventStory: Hashable {
  var collections: [EventCollection]
  var events: [Happening] = []

  init(_ collections: [EventCollection]) { self.collections = collections }

  /// What `piece` means. Traps, like every consumer, if a cell names no text or no epoch.
  init(_ piece: EventPiece) {
    self.init(piece.batches.map(\.collection))
    var rows = Array(repeating: 0, count: piece.batches.count)
    for segment in piece.segments {
      for step in 0..<segment.count {
        let batch = piece.batches[segment.batch]
        let row = rows[segment.batch]
        rows[segment.batch] += 1
        let cells = zip(batch.collection.columns, batch.columns).map { column, cells in
          Self.meaning(cells[row], column.kind, piece)
        }
        events.append(
          Happening(
            batch: segment.batch, dot: Dot(segment.epoch, segment.first + UInt64(step)),
            cells: cells))
      }
    }
    precondition(rows == piece.batches.map(\.rows), "segments and columns differ in length")
  }

  private static func meaning(_ cell: Int64, _ kind: CellKind, _ piece: EventPiece) -> Meaning {
    guard cell != Cell.null else { return .null }
    return switch kind {
    case .integer: .integer(cell)
    case .text: .text(Array(piece.texts[Int(cell)]))
    case .dot: .dot(Dot(piece.epochs[Int(cell >> 32)], UInt64(cell & 0xFFFF_FFFF)))
    }
  }

  /// A piece that means this.
  func piece(_ catalogue: Catalogue? = nil) -> EventPiece {
    var interner = TextInterner(catalogue: catalogue)
    var epochs = EpochTable()
    var columns = collections.map { $0.columns.map { _ in [Int64]() } }
    for event in events {
      for (index, cell) in event.cells.enumerated() {
        let number: Int64
        switch cell {
        case .null: number = Cell.null
        case .integer(let value): number = value
        case .text(let bytes): number = Int64(interner.index(of: bytes))
        case .dot(let dot):
          number = Cell.dot(epoch: epochs.index(of: dot.epoch), sequence: dot.sequence)
        }
        columns[event.batch][index].append(number)
      }
    }
    return EventPiece(
      segments: segments,
      batches: zip(collections, columns).map { EventBatch(collection: $0, columns: $1) },
      texts: interner.texts, epochs: epochs.list)
  }

  private var segments: [EventSegment] {
    var segments: [EventSegment] = []
    for event in events {
      if let last = segments.last, last.batch == event.batch, last.epoch == event.dot.epoch,
        last.first + UInt64(last.count) == event.dot.sequence
      {
        segments[segments.count - 1] = EventSegment(
          batch: last.batch, epoch: last.epoch, first: last.first, count: last.count + 1)
      } else {
        segments.append(
          EventSegment(
            batch: event.batch, epoch: event.dot.epoch, first: event.dot.sequence, count: 1))
      }
    }
    return segments
  }
}

/// A manifest from place 1 to place 2.
func emptyManifest(_ catalogue: Catalogue? = nil) -> Manifest {
  var manifest = Manifest(
    sender: PlaceID(bits: 1), reader: PlaceID(bits: 2), number: 7, made: 1_780_000_000)
  manifest.catalogue = catalogue?.identity
  return manifest
}
