import Bundles
import Causality
import Records

/// The events of a piece by what they mean, whatever numbers the piece has for their texts.
struct EventList: Equatable {
  struct Event: Equatable {
    /// Index into the list's collections.
    let collection: Int
    let dot: Dot
    /// Null where a cell is empty.
    let cells: [Value]
  }

  let collections: [EventCollection]
  var events: [Event] = []

  init(_ collections: [EventCollection], _ events: [Event] = []) {
    self.collections = collections
    self.events = events
  }

  init(_ piece: EventPiece) {
    self.init(piece.batches.map(\.collection))
    var rows = Array(repeating: 0, count: piece.batches.count)
    for segment in piece.segments {
      let batch = piece.batches[segment.batch]
      for step in 0..<segment.count {
        let row = rows[segment.batch]
        rows[segment.batch] += 1
        let cells = zip(batch.collection.columns, batch.columns).map { column, cells in
          Self.value(cells[row], column.kind, piece)
        }
        events.append(
          Event(
            collection: segment.batch, dot: Dot(segment.epoch, segment.first + UInt64(step)),
            cells: cells))
      }
    }
  }

  private static func value(_ cell: Int64, _ kind: CellKind, _ piece: EventPiece) -> Value {
    guard cell != Cell.null else { return .null }
    return switch kind {
    case .integer: .integer(cell)
    case .text: Value(bytes: [CellKind.text.rawValue] + piece.texts[Int(cell)])
    case .dot: .dot(Dot(piece.epochs[Int(cell >> 32)], UInt64(cell & 0xFFFF_FFFF)))
    }
  }

  // MARK: As a piece

  func piece(_ catalogue: Catalogue?) -> EventPiece {
    var interner = TextInterner(catalogue: catalogue)
    var epochs = EpochTable()
    var columns = collections.map { $0.columns.map { _ in [Int64]() } }
    for event in events {
      for (index, value) in event.cells.enumerated() {
        columns[event.collection][index].append(Self.cell(value, &interner, &epochs))
      }
    }
    return EventPiece(
      segments: segments,
      batches: zip(collections, columns).map { EventBatch(collection: $0, columns: $1) },
      texts: interner.texts, epochs: epochs.list)
  }

  private static func cell(
    _ value: Value, _ interner: inout TextInterner, _ epochs: inout EpochTable
  ) -> Int64 {
    if let integer = value.integer { return integer }
    if let dot = value.dot {
      return Cell.dot(epoch: epochs.index(of: dot.epoch), sequence: dot.sequence)
    }
    return value.isNull ? Cell.null : Int64(interner.index(of: value.bytes.dropFirst()))
  }

  private var segments: [EventSegment] {
    var segments: [EventSegment] = []
    for event in events {
      if let last = segments.last, last.batch == event.collection,
        last.last.epoch == event.dot.epoch, last.last.sequence + 1 == event.dot.sequence
      {
        segments[segments.count - 1] = EventSegment(
          batch: last.batch, epoch: last.epoch, first: last.first, count: last.count + 1)
      } else {
        segments.append(
          EventSegment(
            batch: event.collection, epoch: event.dot.epoch, first: event.dot.sequence, count: 1))
      }
    }
    return segments
  }
}
