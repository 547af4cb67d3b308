internal import Causality
internal import Records
internal import Wording

/// The range-coded part of a record piece, in either direction: record after record.
struct RecordStream {
  /// What dots and texts are named by.
  struct Tables {
    let epochs: [Epoch]
    let epochIndex: (Epoch) -> Int
    var table: TextTable
    var texts: TextCoding
    /// Writer only: the numbers of texts.
    var numbers: [ArraySlice<UInt8>: Int64] = [:]
    /// Reader only: the values that texts became, so that a text takes memory once however often
    /// it is named.
    var values: [Value?] = []

    func number(of text: ArraySlice<UInt8>) -> Int64 { numbers[text] ?? Int64.max }

    mutating func value(ofText number: Int) -> Value {
      if number < values.count, let known = values[number] { return known }
      let value = Value(bytes: [2] + table[number])
      if number < values.count { values[number] = value }
      return value
    }

    func dot(_ epoch: UInt64, _ sequence: Int64) throws(BundleError) -> Dot {
      guard epoch < UInt64(epochs.count), sequence > 0, sequence <= Int64(Limits.sequenceMax) else {
        throw RecordStream.malformed("a dot points to no possible write")
      }
      return Dot(epochs[Int(epoch)], UInt64(sequence))
    }
  }

  static func malformed(_ what: Message) -> BundleError {
    BundleError(.pieceMalformed, "a record piece is malformed: \(what)")
  }

  /// The models of one field of one layout.
  private final class FieldCoder {
    let isPresent: UnsafeMutablePointer<BitModel>
    let isIdentity: UnsafeMutablePointer<BitModel>
    let isBefore: UnsafeMutablePointer<BitModel>
    let counts: NumberModel
    let dots: DotCoder
    let values: ValueCoder

    init(_ arena: ModelArena) {
      isPresent = arena.models(1)
      isIdentity = arena.models(1)
      isBefore = arena.models(1)
      counts = NumberModel(arena)
      dots = DotCoder(arena)
      values = ValueCoder(arena)
    }
  }

  private let arena = ModelArena()
  private let layouts: [RecordLayout]
  private let fields: [[FieldCoder]]
  private let layoutNumbers: NumberModel
  private let identities: DotCoder
  private let vectors: DotCoder
  private let isVectorForetold: UnsafeMutablePointer<BitModel>
  private let vectorCounts: NumberModel
  private let milliseconds: NumberModel
  private let counts: NumberModel
  private var lastTime = HybridTime(bits: 0)
  var valuesLeft = Limits.pieceValuesMax
  private var bytesLeft = Limits.namedBytesMax

  init(layouts: [RecordLayout], made: HybridTime) {
    let arena = self.arena
    self.layouts = layouts
    fields = layouts.map { $0.fields.map { _ in FieldCoder(arena) } }
    layoutNumbers = NumberModel(arena)
    identities = DotCoder(arena)
    vectors = DotCoder(arena)
    isVectorForetold = arena.models(1)
    vectorCounts = NumberModel(arena)
    milliseconds = NumberModel(arena)
    counts = NumberModel(arena)
    lastTime = made
  }

  mutating func record<C: BitCoder>(
    _ coder: inout C, _ given: WireRecord?, in tables: inout Tables
  ) throws(BundleError) -> WireRecord {
    let number = layoutNumbers.number(&coder, UInt64(given?.layout ?? 0))
    guard number < UInt64(layouts.count) else {
      throw Self.malformed("a collection outside the list")
    }
    let layout = Int(number)
    let id = try identities.code(&coder, given?.id, in: tables)
    var record = WireRecord(layout: layout, id: id, vector: VersionVector(), fields: [])
    var times: [Dot: HybridTime] = [:]
    var before = id
    var values: [Int: Value] = [:]
    for (index, field) in fields[layout].enumerated() {
      let source = given?.fields.first { $0.name == index }
      guard coder.bit(field.isPresent, source != nil) else { continue }
      let count = field.counts.number(&coder, UInt64((source?.siblings.count ?? 1) - 1)) &+ 1
      guard count > 0, count <= UInt64(min(valuesLeft, Limits.siblingsMax)) else {
        throw BundleError(.pieceTooLarge, "a field of \(count) values")
      }
      valuesLeft -= Int(count)
      var siblings: [Sibling] = []
      for position in 0..<Int(count) {
        let sibling = source?.siblings[position]
        let dot = try dot(&coder, sibling?.dot, field, id, before, in: tables)
        let time = times[dot] ?? self.time(&coder, sibling?.time)
        times[dot] = time
        before = dot
        let lead = layouts[layout].fields[index].follows.flatMap { values[$0] }
        let value = try field.values.code(
          &coder, sibling?.value ?? .null, lead: lead, in: &tables)
        bytesLeft -= value.bytes.count
        guard value.bytes.count <= Limits.textBytesMax + 1, bytesLeft >= 0 else {
          throw BundleError(.pieceTooLarge, "the values of a piece are too long")
        }
        if position == 0 { values[index] = value }
        siblings.append(Sibling(dot: dot, time: time, value: value))
      }
      guard zip(siblings, siblings.dropFirst()).allSatisfy({ $0.dot < $1.dot }) else {
        throw Self.malformed("the values of a field are out of order")
      }
      record.fields.append(.init(name: index, siblings: siblings))
    }
    guard !record.fields.isEmpty else { throw Self.malformed("a record without a field") }
    record.vector = try vector(&coder, given?.vector, record, in: tables)
    return record
  }

  private func dot<C: BitCoder>(
    _ coder: inout C, _ dot: Dot?, _ field: FieldCoder, _ id: Dot, _ before: Dot,
    in tables: Tables
  ) throws(BundleError) -> Dot {
    if coder.bit(field.isIdentity, dot == id) { return id }
    if before != id, coder.bit(field.isBefore, dot == before) { return before }
    return try field.dots.code(&coder, dot, in: tables)
  }

  private mutating func time<C: BitCoder>(_ coder: inout C, _ time: HybridTime?) -> HybridTime {
    let time = time ?? HybridTime(bits: 0)
    let step = milliseconds.signed(&coder, time.milliseconds &- lastTime.milliseconds)
    let expected = step == 0 ? Int64(lastTime.bits & 0xFFFF) + 1 : 0
    let count = expected &+ counts.signed(&coder, Int64(time.bits & 0xFFFF) &- expected)
    lastTime = HybridTime(
      milliseconds: lastTime.milliseconds &+ step, count: UInt16(truncatingIfNeeded: count))
    return lastTime
  }

  /// Usually the vector is just the highest dots of what is sent.
  private func vector<C: BitCoder>(
    _ coder: inout C, _ given: VersionVector?, _ record: WireRecord, in tables: Tables
  ) throws(BundleError) -> VersionVector {
    // Sorted, since inserting before others is slow.
    let dots = record.fields.flatMap { $0.siblings.map(\.dot) }.sorted()
    var foretold = VersionVector()
    for dot in dots { foretold.insert(dot) }
    if coder.bit(isVectorForetold, given == foretold) { return foretold }
    let count = vectorCounts.number(&coder, UInt64(given?.entries.count ?? 0))
    guard count <= UInt64(tables.epochs.count) else { throw Self.malformed("a vector too long") }
    var vector = VersionVector()
    for index in 0..<Int(count) {
      let dot = try vectors.code(&coder, given?.entries[index].dot, in: tables)
      if let last = vector.entries.last, last.epoch >= dot.epoch {
        throw Self.malformed("the epochs of a vector are out of order")
      }
      vector.insert(dot)
    }
    return vector
  }
}

/// Codes dots that tend to count up, each epoch on its own.
final class DotCoder {
  private let epochs: NumberModel
  private let steps: NumberModel
  private var last: [UInt64: Int64] = [:]

  init(_ arena: ModelArena) {
    epochs = NumberModel(arena)
    steps = NumberModel(arena)
  }

  func code<C: BitCoder>(
    _ coder: inout C, _ dot: Dot?, in tables: RecordStream.Tables
  ) throws(BundleError) -> Dot {
    let epoch = epochs.number(&coder, UInt64(dot.map { tables.epochIndex($0.epoch) } ?? 0))
    let expected = (last[epoch] ?? 0) &+ 1
    let step = steps.signed(&coder, Int64(dot?.sequence ?? 0) &- expected)
    let sequence = expected &+ step
    last[epoch] = sequence
    return try tables.dot(epoch, sequence)
  }
}
