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

  mutating func run(steps: Int) throws {
    for _ in 0..<steps {
      let at = random.below(copies.count)
      try act(at)
      try copies[at].check()
      reached += copies[at].records.map { ($0, copies[at].past) }
    }
  }

  private mutating func act(_ at: Int) throws {
    switch random.below(100) {
    case 0..<30: try write(at)
    case 30..<40: copies[at].reopen()
    case 40..<50: snapshots = (snapshots + [(at, copies[at])]).suffix(4)
    case 50..<56: restore()
    case 56..<74: send(from: at)
    case 74..<80 where drops && at >= Self.hubs: copies[at].dropPartition()
    default: if !bag.isEmpty { try copies[at].merge(random.pick(bag)) }
    }
  }

  private mutating func write(_ at: Int) throws {
    guard writes.count < Self.writesMax else { return }
    let held = copies[at].records.map(\.id)
    let record = held.count < 2 && random.chance(30) ? nil : held.isEmpty ? nil : random.pick(held)
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

  private mutating func send(from at: Int) {
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
    bag = (bag + [copies[at].parcel(beyond: base, past)]).suffix(8)
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

  /// Everybody meets everybody, until all have seen the same.
  mutating func exchangeAll() throws {
    for _ in 0..<2 {
      for from in copies.indices {
        for to in copies.indices where to != from {
          try copies[to].merge(
            copies[from].parcel(beyond: copies[to].vector, copies[to].past.mask))
        }
      }
    }
    for copy in copies {
      try copy.check()
      try demand(copy.past == copies[0].past, "not everything arrived")
      try demand(copy.records == copies[0].records, "\(copy.records)\nand \(copies[0].records)")
      try demand(copy.vector == copies[0].vector, "[\(copy.vector)] [\(copies[0].vector)]")
      try demand(copy.digest == copies[0].digest, "digests differ")
    }
  }

  /// Every copy starts a new epoch and writes once.
  mutating func reopenAll() throws {
    for at in copies.indices {
      copies[at].reopen()
      try write(at)
    }
  }
}
