import Causality
import Records

@testable import Bundles

/// Makes random record pieces: siblings, vectors that say more than the values, and values of
/// every kind that there is or might once be.
struct RandomRecords {
  var random: SplitMix64
  let epochs: [Epoch]
  private var texts: [[UInt8]] = []

  static let dates = [
    "2026-03-01", "2024-02-29", "0001-01-01", "9999-12-31", "1969-12-31", "1970-01-01",
    "1900-02-28", "2000-02-29",
  ]
  static let almostDates = [
    "2026-02-30", "2026-2-3", "2023-02-29", "0000-01-01", "2026-13-01", "2026-00-10", "2026-01-00",
    "2026-01-32", "2026/01/01", "2026-01-1x", "+026-01-01", "-026-01-01", "12026-01-01",
    "1900-02-29",
    "２026-01", "2026-01-01 ", " 2026-01-0",
  ]
  /// Of no kind that is known, or of a known one in a form that nobody writes.
  static let oddBytes: [[UInt8]] = [
    [], [0, 0], [1], [1, 0x80], [1, 0x80, 0], [1, 2, 3], [3], [3, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    [3, 1, 0, 0, 0, 0, 0, 0, 0, 0], [4], [4, 1, 2, 3], [0xFF, 0xFF],
  ]

  init(_ source: inout SplitMix64) {
    random = SplitMix64(seed: source.next())
    var random = self.random
    epochs = (0..<1 + random.below(5)).map { _ in Epoch(from: &random) }
    texts = (0..<10).map { _ in
      random.chance(30) ? random.bytes(random.below(40)) : Array("文字 \(random.below(99))".utf8)
    }
    self.random = random
  }

  mutating func piece(records count: Int) -> RecordPiece {
    let layouts = (0..<1 + random.below(3)).map { layout($0) }
    return RecordPiece(
      layouts: layouts, records: (0..<count).map { _ in record(layouts) })
  }

  private mutating func layout(_ number: Int) -> RecordLayout {
    var fields: [RecordLayout.Field] = []
    if random.chance(70) { fields.append(.init(name: RecordLayout.deletion)) }
    for index in fields.count..<fields.count + 1 + random.below(random.chance(5) ? 250 : 6) {
      let follows = index > 0 && random.chance(40) ? random.below(index) : nil
      fields.append(.init(name: "field_\(index)", follows: follows))
    }
    return RecordLayout(collection: "collection_\(number)", fields: fields)
  }

  private mutating func record(_ layouts: [RecordLayout]) -> WireRecord {
    let number = random.below(layouts.count)
    let width = layouts[number].fields.count
    var present = (0..<width).filter { _ in random.chance(60) }
    if present.isEmpty { present = [random.below(width)] }
    let id = dot()
    // A write has one time, whichever fields it changed.
    var times: [Dot: HybridTime] = [:]
    var dots = [id, dot()]
    var fields: [WireRecord.Field] = []
    for name in present {
      var chosen: Set<Dot> = [random.pick(dots)]
      if random.chance(20) { for _ in 0..<random.below(5) { chosen.insert(dot()) } }
      dots += chosen.sorted()
      let siblings = chosen.sorted().map { dot in
        let time = times[dot] ?? time()
        times[dot] = time
        return Sibling(dot: dot, time: time, value: value())
      }
      fields.append(.init(name: name, siblings: siblings))
    }
    return WireRecord(layout: number, id: id, vector: vector(fields), fields: fields)
  }

  private mutating func vector(_ fields: [WireRecord.Field]) -> VersionVector {
    var vector = VersionVector()
    for field in fields { for sibling in field.siblings { vector.insert(sibling.dot) } }
    if random.chance(40) { for _ in 0..<1 + random.below(4) { vector.insert(dot()) } }
    if random.chance(10), let entry = vector.entries.first { vector.remove(entry.epoch) }
    return vector
  }

  private mutating func dot() -> Dot {
    let sequence = random.chance(5) ? Limits.sequenceMax : 1 + UInt64(random.below(300))
    return Dot(random.pick(epochs), sequence)
  }

  private mutating func time() -> HybridTime {
    switch random.below(6) {
    case 0: HybridTime(bits: random.next())
    case 1: HybridTime(bits: random.pick([0, UInt64.max, 0xFFFF]))
    default:
      HybridTime(
        milliseconds: 1_780_000_000_000 + Int64(random.below(3)), count: UInt16(random.below(3)))
    }
  }

  mutating func value() -> Value {
    switch random.below(9) {
    case 0: .null
    case 1: .integer(Int64(random.below(30)))
    case 2: .integer(random.pick([Int64.min, Int64.max, Int64(bitPattern: random.anyLength())]))
    case 3: .dot(random.chance(20) ? Dot(random.pick(epochs), Limits.sequenceMax + 1) : dot())
    case 4: .text(random.pick(Self.dates))
    case 5: .text(random.pick(Self.almostDates))
    case 6: Value(bytes: random.pick(Self.oddBytes))
    default: Value(bytes: [2] + random.pick(texts))
    }
  }
}
