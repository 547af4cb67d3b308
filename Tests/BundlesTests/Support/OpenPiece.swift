import Causality
import Records

@testable import Bundles

/// A piece taken apart, so that its parts can be changed behind the writer's back: the frame is
/// valid again whatever they say.
struct OpenPiece {
  var kind: UInt8
  var rows: UInt64
  /// The heap before it is deflated.
  var heap: [UInt8]
  var stream: [UInt8]

  init(kind: UInt8, rows: UInt64, heap: [UInt8], stream: [UInt8]) {
    self.kind = kind
    self.rows = rows
    self.heap = heap
    self.stream = stream
  }

  init(_ bytes: [UInt8]) throws {
    var reader = ByteReader(bytes)
    kind = try reader.byte()
    rows = try reader.varint()
    heap = try Heap.read(&reader, inflater: Inflater())
    stream = Array(bytes[reader.offset...])
  }

  var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.bytes.append(kind)
    writer.varint(rows)
    Heap.write(heap, deflater: Deflater(), to: &writer)
    return writer.bytes + stream
  }

  /// A heap of descriptors or layouts, then texts.
  static func heap(count: UInt64, texts: [[UInt8]] = [], _ body: (inout ByteWriter) -> Void)
    -> [UInt8]
  {
    var writer = ByteWriter()
    writer.varint(count)
    body(&writer)
    for text in texts { writer.block(text) }
    return writer.bytes
  }

  /// The stream of these numbers, each coded by a model of its own: what a hostile writer would
  /// say of the first things in a piece, where all models are fresh.
  static func stream(_ body: (inout RangeEncoder, ModelArena) -> Void) -> [UInt8] {
    var coder = RangeEncoder()
    body(&coder, ModelArena())
    return coder.finish()
  }

  /// The stream of one run of events of the first collection that hold nothing.
  static func nothing(rows: UInt64, columns: Int) -> [UInt8] {
    stream { coder, arena in
      for value in [0, 0, 0, rows] { _ = NumberModel(arena).number(&coder, value) }
      for _ in 0..<columns { _ = coder.raw(2, Shape.empty.rawValue) }
    }
  }
}

extension SplitMix64 {
  /// `bytes` with a few of them changed, taken out, put in or said again.
  mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<1 + below(3) {
      let at = below(bytes.count + 1)
      switch below(6) {
      case 0: bytes.insert(contentsOf: self.bytes(1 + below(4)), at: at)
      case 1: bytes.removeSubrange(at..<min(bytes.count, at + 1 + below(4)))
      case 2: bytes.removeSubrange(at...)
      case 3:
        let end = min(bytes.count, at + below(20))
        bytes.insert(contentsOf: bytes[at..<end], at: below(bytes.count + 1))
      case 4 where at < bytes.count: bytes[at] = pick([0, 1, 0x7F, 0x80, 0xFF])
      default: if at < bytes.count { bytes[at] ^= 1 << UInt8(below(8)) }
      }
    }
    return bytes
  }

  /// `piece` with one of its parts changed.
  mutating func mutated(_ piece: OpenPiece) -> [UInt8] {
    var piece = piece
    switch below(10) {
    case 0: return mutated(piece.bytes)
    case 1: piece.rows = pick([1, piece.rows + 1, piece.rows &- 1, 200, UInt64(below(20))])
    case 2: piece.stream = bytes(below(80))
    case 3...5: piece.heap = mutated(piece.heap)
    default: piece.stream = mutated(piece.stream)
    }
    return piece.bytes
  }
}

extension EventPiece {
  /// Throws unless every cell names something that there is.
  func checkCells() throws {
    for batch in batches {
      for (column, cells) in zip(batch.collection.columns, batch.columns) {
        for cell in cells where cell != Cell.null {
          let isSound =
            switch column.kind {
            case .integer: true
            case .text: (0..<Int64(texts.count)).contains(cell)
            case .dot:
              (0..<Int64(epochs.count)).contains(cell >> 32) && cell & 0xFFFF_FFFF > 0
                && cell & 0xFFFF_FFFF <= Int64(Limits.sequenceMax)
            }
          try demand(isSound, "\(column.name) has a cell \(cell) of kind \(column.kind)")
        }
      }
    }
    for segment in segments {
      try demand(segment.first > 0 && segment.last.sequence <= Limits.sequenceMax, "\(segment)")
    }
  }
}
