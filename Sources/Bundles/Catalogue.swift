package import Records

/// What both sides of a bundle know of a collection of records that events name by a key: the
/// programmes of a township, with their titles and usual lengths. Events that agree with it cost
/// next to nothing on the wire.
///
/// A catalogue never changes and is known by its identity. A writer uses one only if the reader
/// has shown that it holds it; a reader that has lost it answers `catalogue_unknown` and the next
/// bundle does without.
package struct Catalogue: Sendable {
  /// The first 8 bytes of the SHA-256 of `bytes`.
  package let identity: UInt64
  /// The canonical form: what the identity is made of, and what is stored.
  package let bytes: [UInt8]
  /// The key of entry i is text i; texts of attributes follow.
  package let texts: TextTable
  package let entries: Int
  /// For each attribute and entry a number, the number of a text, or `Cell.null`.
  package let attributes: [[Int64]]
  /// For each attribute what its cells are: what the first entry has that has one. A value of
  /// another kind counts as absent, or a number could pass for the number of a text.
  let kinds: [CellKind?]

  /// `entries`, which all have the same attributes, are sorted by key here; of equal keys the
  /// first given counts.
  package init(_ entries: [(key: [UInt8], attributes: [Value])]) {
    precondition(
      entries.allSatisfy { $0.attributes.count == entries[0].attributes.count },
      "the entries of a catalogue have the same attributes")
    var seen: Set<[UInt8]> = []
    let unique = entries.filter { seen.insert($0.key).inserted }
      .sorted { $0.key.lexicographicallyPrecedes($1.key) }
    var writer = ByteWriter()
    writer.varint(UInt64(unique.count))
    writer.varint(UInt64(unique.first?.attributes.count ?? 0))
    for entry in unique {
      writer.block(entry.key)
      for attribute in entry.attributes { writer.block(attribute.bytes) }
    }
    self.init(unique: unique, bytes: writer.bytes)
  }

  /// Reads the canonical form.
  package init(bytes: [UInt8]) throws(ByteReader.Malformed) {
    var reader = ByteReader(bytes)
    let count = try reader.count()
    let width = try reader.count()
    var entries: [(key: [UInt8], attributes: [Value])] = []
    for _ in 0..<count {
      let key = Array(try reader.block())
      if let last = entries.last, !last.key.lexicographicallyPrecedes(key) {
        throw ByteReader.Malformed()
      }
      var attributes: [Value] = []
      for _ in 0..<width { attributes.append(Value(bytes: Array(try reader.block()))) }
      entries.append((key, attributes))
    }
    guard reader.isAtEnd, count > 0 || width == 0 else { throw ByteReader.Malformed() }
    self.init(unique: entries, bytes: bytes)
  }

  private init(unique: [(key: [UInt8], attributes: [Value])], bytes: [UInt8]) {
    self.bytes = bytes
    identity = ChainValue(hashing: bytes).low
    entries = unique.count
    var interner = TextInterner()
    for entry in unique { _ = interner.index(of: entry.key) }
    let width = unique.first?.attributes.count ?? 0
    var columns = Array(repeating: [Int64](), count: width)
    var kinds = [CellKind?](repeating: nil, count: width)
    for entry in unique {
      for (index, value) in entry.attributes.enumerated() {
        let cell = Self.cell(value, &interner)
        if cell != Cell.null, kinds[index] == nil { kinds[index] = Canonical.kind(of: value) }
        let fits = kinds[index] == Canonical.kind(of: value)
        columns[index].append(fits ? cell : Cell.null)
      }
    }
    attributes = columns
    self.kinds = kinds
    texts = interner.texts.own
  }

  private static func cell(_ value: Value, _ interner: inout TextInterner) -> Int64 {
    switch Canonical.kind(of: value) {
    case .integer: value.integer ?? Cell.null
    case .text: Int64(interner.index(of: value.bytes.dropFirst()))
    case .dot, nil: Cell.null
    }
  }
}

/// How cells of events are held in columns.
package enum Cell {
  /// No cell. Integers of this value cannot be written.
  package static let null = Int64.min

  /// A dot: the index of its epoch, then its sequence.
  package static func dot(epoch: Int, sequence: UInt64) -> Int64 {
    Int64(epoch) << 32 | Int64(sequence)
  }
}
