internal import Causality
internal import Records
internal import Wording

/// Codes the values of one field over the records of a piece, in either direction.
///
/// A value is first foretold: by the value of the field that it follows, if that has been seen
/// with another; otherwise by the record before. Then come its kind and its content.
final class ValueCoder {
  enum Kind: UInt64 {
    case null = 0
    case integer = 1
    case text = 2
    case dot = 3
    case date = 4
    case other = 5
  }

  private let isForetold: UnsafeMutablePointer<BitModel>
  private let kinds: NumberModel
  private let textModels: TextModels
  private let isKnownInteger: UnsafeMutablePointer<BitModel>
  private let positions: NumberModel
  private let integers: NumberModel
  private let dates: NumberModel
  private let dotEpochs: NumberModel
  private let dotSteps: NumberModel
  private let lengths: NumberModel

  private var last: Value?
  private var lastDate: Int64 = 0
  private var lastSequence: Int64 = 0
  private var lastInteger: Int64 = 0
  private var seenIntegers: [Int64] = []
  private var seenTexts = SeenTexts()
  private var learned: [Value: Value] = [:]

  init(_ arena: ModelArena) {
    isForetold = arena.models(2)
    isKnownInteger = arena.models(1)
    kinds = NumberModel(arena)
    textModels = TextModels(arena)
    positions = NumberModel(arena)
    integers = NumberModel(arena)
    dates = NumberModel(arena)
    dotEpochs = NumberModel(arena)
    dotSteps = NumberModel(arena)
    lengths = NumberModel(arena)
  }

  /// Values longer than this foretell nothing: they are hashed each time.
  private static let leadBytesMax = 64

  /// `lead` is the value, in this record, of the field that this one follows.
  func code<C: BitCoder>(
    _ coder: inout C, _ value: Value, lead: Value?, in piece: inout RecordStream.Tables
  ) throws(BundleError) -> Value {
    let lead = lead.flatMap { $0.bytes.count <= Self.leadBytesMax ? $0 : nil }
    let known = lead.flatMap { learned[$0] }
    let guess = known ?? last
    var coded: Value
    if let guess, coder.bit(isForetold + (known == nil ? 0 : 1), value == guess) {
      coded = guess
    } else {
      coded = try literal(&coder, value, in: &piece)
    }
    last = coded
    if let lead { learned[lead] = coded }
    return coded
  }

  private func literal<C: BitCoder>(
    _ coder: inout C, _ value: Value, in piece: inout RecordStream.Tables
  ) throws(BundleError) -> Value {
    let kind = Self.kind(of: value)
    switch Kind(rawValue: kinds.number(&coder, kind.rawValue)) {
    case .null: return .null
    case .integer: return .integer(try integer(&coder, value.integer ?? 0))
    case .text:
      let number = C.isDecoder ? 0 : piece.number(of: value.bytes.dropFirst())
      let text = try piece.texts.code(&coder, number, &seenTexts, textModels)
      return piece.value(ofText: Int(text))
    case .dot: return .dot(try dot(&coder, value.dot, in: piece))
    case .date:
      let day = CalendarText.day(value.bytes.dropFirst()) ?? 0
      let step = dates.signed(&coder, day &- lastDate)
      lastDate = lastDate &+ step
      guard CalendarText.range.contains(lastDate) else { throw RecordStream.malformed("a date") }
      return Value(bytes: [2] + CalendarText.text(day: lastDate))
    case .other: return try other(&coder, value)
    case nil: throw RecordStream.malformed("a kind of value that does not exist")
    }
  }

  private static func kind(of value: Value) -> Kind {
    if value.isNull { return .null }
    if value.integer != nil { return .integer }
    if value.dot.map({ $0.sequence <= Limits.sequenceMax }) == true { return .dot }
    guard value.bytes.first == 2 else { return .other }
    return CalendarText.day(value.bytes.dropFirst()) == nil ? .text : .date
  }

  private func integer<C: BitCoder>(
    _ coder: inout C, _ value: Int64
  ) throws(BundleError) -> Int64 {
    let position = C.isDecoder ? nil : seenIntegers.firstIndex(of: value)
    if coder.bit(isKnownInteger, position != nil) {
      let position = positions.number(&coder, UInt64(position ?? 0))
      guard position < UInt64(seenIntegers.count) else {
        throw RecordStream.malformed("a number named that was not seen")
      }
      lastInteger = seenIntegers[Int(position)]
    } else {
      lastInteger = lastInteger &+ integers.signed(&coder, value &- lastInteger)
      if seenIntegers.count < 64 { seenIntegers.append(lastInteger) }
    }
    return lastInteger
  }

  private func dot<C: BitCoder>(
    _ coder: inout C, _ dot: Dot?, in piece: RecordStream.Tables
  ) throws(BundleError) -> Dot {
    let epoch = dotEpochs.number(&coder, UInt64(dot.map { piece.epochIndex($0.epoch) } ?? 0))
    let step = dotSteps.signed(&coder, Int64(dot?.sequence ?? 0) &- lastSequence)
    lastSequence = lastSequence &+ step
    return try piece.dot(epoch, lastSequence)
  }

  private func other<C: BitCoder>(
    _ coder: inout C, _ value: Value
  ) throws(BundleError) -> Value {
    let count = lengths.number(&coder, UInt64(value.bytes.count))
    guard count <= UInt64(Limits.textBytesMax) else {
      throw BundleError(.pieceTooLarge, "a value of \(count) bytes")
    }
    var bytes: [UInt8] = []
    for index in 0..<Int(count) {
      let byte = C.isDecoder ? 0 : value.bytes[index]
      bytes.append(UInt8(truncatingIfNeeded: coder.raw(8, UInt64(byte))))
    }
    return Value(bytes: bytes)
  }
}
