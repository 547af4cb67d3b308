import Causality
import Records

/// A random life of two hubs, two stations and their clones: writes, reopenings, restores of
/// snapshots, and bundles that come late, twice, in any order or not at all. After every step
/// the copy that acted is compared with its causal history.
struct RandomHistory {
  private static let hubs = 2
  private static let copiesMax = 6
  private static let writesMax = 56

  private let drops: Bool
  private var random: SplitMix64
  private(set) var copies: [Copy]
  private var bag: [Parcel] = []
  private var snapshots: [(at: Int, copy: Copy)] = []
  private(set) var writes: [Write] = []
  /// Every birth of the history, for questions that no single copy could answer.
  private(set) var ancestry = Ancestry()
  /// How often a parcel was refused, told something, or left a conflict to be seen.
  private(set) var (gaps, news, conflicts): (Int, Int, Int) = (0, 0, 0)
  /// Every state of a record that was ever reached, with the history behind it.
  private(set) var reached: [(state: RecordState, past: Past)] = []

  init(_ random: SplitMix64, parents: Parents, drops: Bool = false) {
    self.random = random
    self.drops = drops
    copies = (0..<4).map { name in
      let role: Role = name < Self.hubs ? .hub : .station
      var copy = Copy(author: Author(place: PlaceID(bits: UInt64(name)), role: role))
      copy.parents = parents
      return copy
    }
  }

  /// Begins with two records of the first copy, which most others get at once.
  mutating func run(steps: Int) throws {
    for _ in 0..<2 { try write(0, record: nil) }
    for at in 1..<copies.count where random.chance(75) {
      try copies[at].merge(copies[0].parcel(beyond: VersionVector(), 0))
    }
    for _ in 0..<steps {
      let at = random.below(copies.count)
      try act(at)
      try copies[at].check()
      reached += copies[at].records.map { ($0, copies[at].past) }
    }
  }

  private mutating func act(_ at: Int) throws {
    switch random.below(100) {
    case 0..<30: try edit(at)
    case 30..<38: copies[at].reopen()
    case 38..<46: snapshots = (snapshots + [(at, copies[at])]).suffix(4)
    case 46..<51: restore()
    case 51..<70: try send(from: at)
    case 70..<74 where drops && at >= Self.hubs: copies[at].dropPartition()
    default: if !bag.isEmpty { try receive(random.pick(bag), at) }
    }
  }

  private mutating func receive(_ parcel: Parcel, _ at: Int) throws {
    let before = copies[at].past
    gaps += try copies[at].merge(parcel) ? 0 : 1
    news += copies[at].past == before ? 0 : 1
    let fields = copies[at].records.flatMap(\.fields)
    conflicts += fields.contains { $0.siblings.count > 1 } ? 1 : 0
  }

  private mutating func edit(_ at: Int) throws {
    let held = copies[at].records.map(\.id)
    if held.isEmpty || random.chance(5) {
      if random.chance(20) { try write(at, record: nil) }
    } else {
      try write(at, record: random.pick(held))
    }
  }

  private mutating func write(_ at: Int, record: Dot?) throws {
    guard writes.count < Self.writesMax else { return }
    let choices: [[FieldID]] = [
      [FieldID(1)], [FieldID(1)], [FieldID(2)], [FieldID(2)], [FieldID(1), FieldID(2)], [.deleted],
    ]
    let bit = writes.count
    try copies[at].write(
      random.pick(choices), of: record, bit: { _ in bit }, fresh: Epoch(from: &random))
    guard let write = copies[at].past.writes.last, let line = copies[at].line else { return }
    writes.append(write)
    if let birth = copies[at].ancestry[line.epoch] { try ancestry.insert(birth) }
  }

  /// A backup comes back, or a flashed image goes on beside its original.
  private mutating func restore() {
    guard !snapshots.isEmpty else { return }
    var (at, copy) = random.pick(snapshots)
    copy.reopen()
    if random.chance(50), copies.count < Self.copiesMax { at = copies.count }
    if at == copies.count { copies.append(copy) } else { copies[at] = copy }
  }

  private mutating func send(from at: Int) throws {
    let to = random.below(copies.count)
    guard to != at else { return }
    var (base, past) = (copies[to].vector, copies[to].past.mask)
    if random.chance(40) {
      // What somebody was last sent is a worse guess than what the reader holds, and allowed.
      (base, past) = (VersionVector(), 0)
      if !bag.isEmpty {
        let older = random.pick(bag)
        if older.past.mask & ~copies[at].past.mask == 0 {
          (base, past) = (older.target, older.past.mask)
        }
      }
    }
    let parcel = copies[at].parcel(beyond: base, past)
    bag = (bag + [parcel]).suffix(8)
    if random.chance(50) {
      try receive(parcel, to)
      try copies[to].check()
    }
  }

  /// Whether every copy's vector names exactly the writes that the copy has seen.
  func checkVectors() throws {
    for copy in copies {
      for write in writes {
        let seen = copy.past.mask & (1 << UInt64(write.bit)) != 0
        try demand(
          copy.ancestry.covers(copy.vector, write.dot) == seen,
          "[\(copy.vector)] names \(write.dot): not \(seen)")
      }
    }
  }

  /// Everybody brings what they have to one of them, and takes home what all brought.
  mutating func exchangeAll() throws {
    let middle = random.below(copies.count)
    let others = copies.indices.filter { $0 != middle }
    for (from, to) in others.map({ ($0, middle) }) + others.map({ (middle, $0) }) {
      let accepted = try copies[to].merge(
        copies[from].parcel(beyond: copies[to].vector, copies[to].past.mask))
      try demand(accepted, "refused what was asked for")
    }
    try copies[middle].check()
    for copy in copies {
      try demand(copy.past == copies[0].past, "not everything arrived")
      try demand(copy.records == copies[0].records, "\(copy.records)\nand \(copies[0].records)")
      try demand(copy.vector == copies[0].vector, "[\(copy.vector)] [\(copies[0].vector)]")
    }
    try demand(Set(copies.map(\.digest)).count == 1, "digests differ")
  }

  /// Every copy starts a new epoch and writes once.
  mutating func reopenAll() throws {
    for at in copies.indices {
      copies[at].reopen()
      try write(at, record: nil)
    }
  }
}
