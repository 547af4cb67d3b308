import Causality
import Records

/// One write as it really happened. Its `bit` stands for it in sets of writes.
struct Write: Hashable {
  let bit: Int
  let dot: Dot
  /// The record written; a record is named by the write that created it.
  let record: Dot
  let fields: [FieldID]
  /// The writes that its author had seen.
  let saw: UInt64
  /// The writes that the birth of its epoch stands for.
  let bornFrom: UInt64

  var sibling: Sibling { Write.sibling(at: dot) }

  /// Values and times that a dot alone decides, alike so often that rules meet ties.
  static func sibling(at dot: Dot) -> Sibling {
    var random = SplitMix64(seed: dot.epoch.bits &+ dot.sequence)
    let values: [Value] = [.null, .integer(7), .text("一"), .text("一\n二")]
    return Sibling(
      dot: dot, time: HybridTime(milliseconds: Int64(random.below(3))), value: random.pick(values))
  }
}

/// A causal history: the set of writes that a copy has seen, and nothing derived from it.
///
/// This is the oracle. It knows neither vectors nor merge: a value survives if no write in the
/// set had seen it and wrote the same field.
struct Past: Hashable {
  private(set) var mask: UInt64 = 0
  /// Sorted by bit.
  private(set) var writes: [Write] = []

  mutating func add(_ write: Write) {
    guard mask & (1 << UInt64(write.bit)) == 0 else { return }
    mask |= 1 << UInt64(write.bit)
    writes.insert(write, at: writes.firstIndex { $0.bit > write.bit } ?? writes.count)
  }

  mutating func unite(_ other: Past) {
    if other.mask & ~mask == 0 { return }
    if mask & ~other.mask == 0 {
      self = other
    } else {
      for write in other.writes { add(write) }
    }
  }

  var records: [Dot] {
    var found: [Dot] = []
    for write in writes where write.dot == write.record { found.append(write.record) }
    return found.sorted()
  }

  /// What a copy with this history must hold of a record.
  func expected(_ record: Dot, fields: [FieldID]) -> RecordState {
    let own = writes.filter { $0.record == record }
    let states = fields.map { field in
      let touching = own.filter { $0.fields.contains(field) }
      let superseded = touching.reduce(0) { $0 | $1.saw }
      let surviving = touching.filter { superseded & (1 << UInt64($0.bit)) == 0 }
      return FieldState(field: field, siblings: surviving.map(\.sibling))
    }
    return RecordState(id: record, vector: Self.leaves(of: own), fields: states)
  }

  /// The vector that a copy with this history must have: it names every write, and lists no
  /// write that another epoch's birth stands for.
  var vector: VersionVector { Self.leaves(of: writes) }

  private static func leaves(of writes: [Write]) -> VersionVector {
    let implied = writes.reduce(0) { $0 | $1.bornFrom }
    var highest = VersionVector()
    for write in writes { highest.insert(write.dot) }
    return VersionVector(
      writes.filter {
        highest[$0.dot.epoch] == $0.dot.sequence && implied & (1 << UInt64($0.bit)) == 0
      }.map { .init($0.dot.epoch, $0.dot.sequence) })
  }
}
