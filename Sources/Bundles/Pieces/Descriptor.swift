internal import Records

/// A collection of events as a piece describes it, so that a reader that does not know the
/// collection can still read, keep and forward its events (P12).
enum Descriptor {
  static func write(_ collection: EventCollection, to writer: inout ByteWriter) {
    writer.block(collection.name.utf8)
    writer.varint(UInt64(collection.columns.count))
    for column in collection.columns {
      writer.block(column.name.utf8)
      writer.bytes.append(column.kind.rawValue)
      prediction(column.prediction, &writer)
      writer.block((column.given ?? "").utf8)
    }
  }

  private static func prediction(_ prediction: Prediction, _ writer: inout ByteWriter) {
    switch prediction {
    case .none: writer.varint(0)
    case .previous: writer.varint(1)
    case .key: writer.varint(2)
    case .after(let names):
      writer.varint(3)
      writer.varint(UInt64(names.count))
      for name in names { writer.block(name.utf8) }
    case .attribute(let number, let key):
      writer.varint(4)
      writer.varint(UInt64(number))
      writer.block(key.utf8)
    }
  }

  static func read(
    _ reader: inout ByteReader
  ) throws(ByteReader.Malformed) -> EventCollection {
    let name = try name(&reader)
    let count = try reader.count()
    guard count > 0, count <= EventCollection.columnsMax else { throw ByteReader.Malformed() }
    var columns: [Column] = []
    for _ in 0..<count {
      let name = try Self.name(&reader)
      guard let kind = CellKind(rawValue: try reader.byte()), !name.isEmpty,
        !columns.contains(where: { $0.name == name })
      else { throw ByteReader.Malformed() }
      let prediction = try prediction(&reader)
      let given = try text(&reader)
      columns.append(Column(name, kind, prediction, given: given.isEmpty ? nil : given))
    }
    return EventCollection(name, columns)
  }

  private static func prediction(
    _ reader: inout ByteReader
  ) throws(ByteReader.Malformed) -> Prediction {
    switch try reader.varint() {
    case 0: return .none
    case 1: return .previous
    case 2: return .key
    case 3:
      let count = try reader.count()
      guard count <= EventCollection.columnsMax else { throw ByteReader.Malformed() }
      var names: [String] = []
      for _ in 0..<count { names.append(try text(&reader)) }
      return .after(names)
    case 4:
      let number = try reader.varint()
      guard number < 16 else { throw ByteReader.Malformed() }
      return .attribute(Int(number), of: try text(&reader))
    default: throw ByteReader.Malformed()
    }
  }

  /// A name of a collection, column or field. Only letters whose bytes are their one form: texts
  /// that look the same and differ in bytes would be two fields here and one there.
  static func name(_ reader: inout ByteReader) throws(ByteReader.Malformed) -> String {
    let name = try text(&reader)
    guard !name.isEmpty, name.utf8.count <= Limits.nameBytesMax,
      name.utf8.allSatisfy(isNameByte)
    else { throw ByteReader.Malformed() }
    return name
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
  }

  static func text(_ reader: inout ByteReader) throws(ByteReader.Malformed) -> String {
    guard let text = String(validating: try reader.block(), as: UTF8.self) else {
      throw ByteReader.Malformed()
    }
    return text
  }
}
