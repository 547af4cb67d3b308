internal import Causality
internal import Records
internal import Wording

/// A record piece as bytes (Protocol/03-bundles.md, "Record pieces"):
/// kind 2 · number of records · heap (layouts, texts) · range-coded stream.
enum RecordPieceCoding {
  static let kind: UInt8 = 2

  static func encode(
    _ piece: RecordPiece, made: HybridTime, epochIndex: @escaping (Epoch) -> Int,
    epochs: [Epoch], deflater: Deflater
  ) -> [UInt8] {
    let texts = texts(of: piece)
    var heap = ByteWriter()
    heap.varint(UInt64(piece.layouts.count))
    for layout in piece.layouts { write(layout, to: &heap) }
    for index in 0..<texts.table.count { heap.block(texts.table[index]) }
    var writer = ByteWriter()
    writer.bytes.append(kind)
    writer.varint(UInt64(piece.records.count))
    Heap.write(heap.bytes, deflater: deflater, to: &writer)
    var coder = RangeEncoder()
    var stream = RecordStream(layouts: piece.layouts, made: made)
    var tables = RecordStream.Tables(
      epochs: epochs, epochIndex: epochIndex, table: texts.table,
      texts: TextCoding(catalogued: 0, count: texts.table.count), numbers: texts.numbers)
    for record in piece.records {
      do {
        _ = try stream.record(&coder, record, in: &tables)
      } catch {
        preconditionFailure("P9: the writer wrote what its reader would refuse: \(error.reason)")
      }
    }
    writer.bytes.append(contentsOf: coder.finish())
    return writer.bytes
  }

  static func decode(
    _ bytes: [UInt8], made: HybridTime, epochs: [Epoch], inflater: Inflater
  ) throws(BundleError) -> RecordPiece {
    var reader = ByteReader(bytes[1...])
    let count: UInt64
    do { count = try reader.varint() } catch { throw RecordStream.malformed("no count") }
    guard count > 0 else { throw RecordStream.malformed("it has no record") }
    guard count <= UInt64(Limits.pieceRowsMax) else {
      throw BundleError(.pieceTooLarge, "a piece of \(count) records")
    }
    var heap = ByteReader(try Heap.read(&reader, inflater: inflater))
    let layouts = try readLayouts(&heap)
    let table: TextTable
    do { table = try Heap.texts(&heap) } catch {
      throw RecordStream.malformed("its texts cannot be read")
    }
    return try EventPieceCoding.withDecoder(bytes[reader.offset...]) {
      (coder: inout RangeDecoder) throws(BundleError) in
      var stream = RecordStream(layouts: layouts, made: made)
      var tables = RecordStream.Tables(
        epochs: epochs, epochIndex: { _ in 0 }, table: table,
        texts: TextCoding(catalogued: 0, count: table.count),
        values: Array(repeating: nil, count: table.count))
      var records: [WireRecord] = []
      for _ in 0..<Int(count) {
        records.append(try stream.record(&coder, nil, in: &tables))
      }
      guard tables.texts.isComplete else {
        throw RecordStream.malformed("it carries texts that no value names")
      }
      return RecordPiece(layouts: layouts, records: records)
    }
  }

  private static func write(_ layout: RecordLayout, to heap: inout ByteWriter) {
    heap.block(layout.collection.utf8)
    heap.varint(UInt64(layout.fields.count))
    for field in layout.fields {
      heap.block(field.name.utf8)
      heap.varint(UInt64((field.follows ?? -1) + 1))
    }
  }

  private static func readLayouts(
    _ heap: inout ByteReader
  ) throws(BundleError) -> [RecordLayout] {
    var layouts: [RecordLayout] = []
    var fields = 0
    do {
      for _ in 0..<(try heap.count()) where fields <= Limits.pieceFieldsMax {
        layouts.append(try readLayout(&heap))
        fields += layouts[layouts.count - 1].fields.count
      }
    } catch { throw RecordStream.malformed("its collections cannot be read") }
    guard fields <= Limits.pieceFieldsMax else {
      throw BundleError(.pieceTooLarge, "a piece of collections with \(fields) fields or more")
    }
    guard !layouts.isEmpty, Set(layouts.map(\.collection)).count == layouts.count else {
      throw RecordStream.malformed("no collection, or one twice")
    }
    return layouts
  }

  private static func readLayout(
    _ heap: inout ByteReader
  ) throws(ByteReader.Malformed) -> RecordLayout {
    let collection = try Descriptor.name(&heap)
    let count = try heap.count()
    guard count > 0, count <= Limits.fieldsMax, !collection.isEmpty else {
      throw ByteReader.Malformed()
    }
    var fields: [RecordLayout.Field] = []
    for index in 0..<count {
      let name = try fieldName(&heap, isFirst: index == 0)
      let follows = try heap.varint()
      guard follows <= UInt64(index), !fields.contains(where: { $0.name == name }) else {
        throw ByteReader.Malformed()
      }
      fields.append(.init(name: name, follows: follows == 0 ? nil : Int(follows) - 1))
    }
    return RecordLayout(collection: collection, fields: fields)
  }

  /// The first field may be the one of deletion, whose name is empty.
  private static func fieldName(
    _ heap: inout ByteReader, isFirst: Bool
  ) throws(ByteReader.Malformed) -> String {
    var ahead = heap
    if isFirst, try ahead.byte() == 0 {
      heap = ahead
      return RecordLayout.deletion
    }
    return try Descriptor.name(&heap)
  }

  /// The texts in the order in which the coding first meets them. A text that is only ever
  /// foretold was met before as a literal.
  private static func texts(
    of piece: RecordPiece
  ) -> (table: TextTable, numbers: [ArraySlice<UInt8>: Int64]) {
    var table = TextTable()
    var numbers: [ArraySlice<UInt8>: Int64] = [:]
    for record in piece.records {
      for field in record.fields {
        for sibling in field.siblings where sibling.value.bytes.first == 2 {
          let text = sibling.value.bytes.dropFirst()
          guard CalendarText.day(text) == nil, numbers[text] == nil else { continue }
          numbers[text] = Int64(table.count)
          table.append(text)
        }
      }
    }
    return (table, numbers)
  }
}
