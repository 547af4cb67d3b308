package import Causality

/// The canonical bytes of writes and values, which chains and digests are made of
/// (Protocol/02-canonical.md). Names, not numbers: the same at every replica and version.
package enum Canonical {
  /// One write to a record, as its epoch's chain absorbs it.
  package static func write(
    collection: String, id: Dot, time: HybridTime, values: [(name: String, value: Value)]
  ) -> [UInt8] {
    var writer = ByteWriter(reserving: 128)
    writer.block(collection.utf8)
    writer.dot(id)
    writer.varint(time.bits)
    writer.varint(UInt64(values.count))
    for (name, value) in values {
      writer.block(name.utf8)
      writer.block(value.bytes)
    }
    return writer.bytes
  }

  /// One surviving value of a record, as a partition's digest counts it.
  package static func item(
    collection: String, id: Dot, field: String, sibling: Sibling
  ) -> [UInt8] {
    var writer = ByteWriter(reserving: 96)
    writer.block(collection.utf8)
    writer.dot(id)
    writer.block(field.utf8)
    writer.dot(sibling.dot)
    writer.varint(sibling.time.bits)
    writer.block(sibling.value.bytes)
    return writer.bytes
  }

  /// An epoch of events, as a partition's digest counts it.
  package static func epoch(_ dot: Dot, chain: ChainValue) -> [UInt8] {
    var writer = ByteWriter(reserving: 40)
    writer.dot(dot)
    writer.fixed(chain.low)
    writer.fixed(chain.high)
    return writer.bytes
  }

  /// One event: the collection's name, two bits a column saying what its cell holds (0 nothing,
  /// otherwise `CellKind`), then the cells. Empty cells at the end leave no trace, so a column
  /// added later changes no bytes of events that lack it.
  package static func event(collection: String, cells: [Value]) -> [UInt8] {
    var writer = ByteWriter(reserving: 128)
    writer.block(collection.utf8)
    var mask: UInt64 = 0
    for (index, cell) in cells.enumerated() {
      mask |= UInt64(kind(of: cell)?.rawValue ?? 0) << UInt64(2 * index)
    }
    writer.varint(mask)
    for cell in cells {
      switch kind(of: cell) {
      case .integer: writer.zigzag(cell.integer ?? 0)
      case .text: writer.block(cell.bytes.dropFirst())
      case .dot: writer.bytes.append(contentsOf: cell.bytes.dropFirst())
      case nil: break
      }
    }
    return writer.bytes
  }

  /// What `event` wrote, taken apart again.
  package static func parse(
    event bytes: [UInt8]
  ) throws(ByteReader.Malformed) -> (collection: String, cells: [Value]) {
    var reader = ByteReader(bytes)
    guard let name = String(validating: try reader.block(), as: UTF8.self) else {
      throw ByteReader.Malformed()
    }
    var mask = try reader.varint()
    var cells: [Value] = []
    while mask != 0 {
      switch CellKind(rawValue: UInt8(mask & 3)) {
      case .integer: cells.append(.integer(try reader.zigzag()))
      case .text: cells.append(Value(bytes: [2] + (try reader.block())))
      case .dot: cells.append(.dot(try reader.dot()))
      case nil: cells.append(.null)
      }
      mask >>= 2
    }
    guard reader.isAtEnd else { throw ByteReader.Malformed() }
    return (name, cells)
  }

  package static func kind(of cell: Value) -> CellKind? {
    cell.bytes.first.flatMap(CellKind.init(rawValue:))
  }
}
