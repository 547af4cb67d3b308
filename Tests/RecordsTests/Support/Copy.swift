import Causality
import Records

/// What a birth records. Design 3 asks for the vector; a line of its own past is the weaker
/// form, and every rule of the core must hold with either.
enum Parents {
  case vector
  case ownPast
}

/// What one copy sends: its state beyond a base, as a bundle would carry it, and for the oracle
/// the histories that base and target stand for.
struct Parcel: Hashable {
  let base: VersionVector
  let basePast: UInt64
  let target: VersionVector
  let births: [Birth]
  let records: [RecordState]
  let past: Past
}

/// A replica of one partition as the code under test sees it, with its causal history beside it.
struct Copy {
  static let fields: [FieldID] = [.deleted, FieldID(1), FieldID(2)]

  /// One life of the counter.
  struct Line: Hashable {
    let epoch: Epoch
    let bornFrom: UInt64
    var sequence: UInt64 = 0
  }

  let author: Author
  var parents = Parents.vector
  private(set) var ancestry = Ancestry()
  private(set) var births: Set<Birth> = []
  private(set) var vector = VersionVector()
  private(set) var records: [RecordState] = []
  private(set) var past = Past()
  private(set) var line: Line?
  private var lineBefore: Line?

  init(author: Author) { self.author = author }

  /// The next write starts a new epoch.
  mutating func reopen() {
    lineBefore = line ?? lineBefore
    line = nil
  }

  /// Gives the partition up and subscribes afresh: what is held is nothing.
  mutating func dropPartition() {
    (vector, records, past, line, lineBefore) = (VersionVector(), [], Past(), nil, nil)
  }

  /// Writes `fields` of `record`, or of a new record. An epoch that begins here is `fresh`.
  mutating func write(
    _ fields: [FieldID], of record: Dot?, bit: (Dot) -> Int, fresh: Epoch
  ) throws {
    var line = try self.line ?? born(fresh)
    line.sequence += 1
    self.line = line
    let dot = Dot(line.epoch, line.sequence)
    let write = Write(
      bit: bit(dot), dot: dot, record: record ?? dot, fields: fields, saw: past.mask,
      bornFrom: line.bornFrom)
    past.add(write)
    let at = index(of: write.record)
    records[at].write(
      fields.map { ($0, write.sibling.value) }, at: dot, time: write.sibling.time, in: ancestry)
    vector = ancestry.join(vector, VersionVector(dot))
  }

  private mutating func born(_ epoch: Epoch) throws -> Line {
    var (parents, bornFrom) = (vector, past.mask)
    if self.parents == .ownPast {
      let before = lineBefore
      parents = before.map { VersionVector(Dot($0.epoch, $0.sequence)) } ?? VersionVector()
      bornFrom = past.writes.filter {
        $0.dot.epoch == before?.epoch && $0.dot.sequence <= before?.sequence ?? 0
      }.reduce(before?.bornFrom ?? 0) { $0 | 1 << UInt64($1.bit) }
    }
    try learn(Birth(epoch: epoch, author: author, parents: parents))
    return Line(epoch: epoch, bornFrom: bornFrom)
  }

  private mutating func learn(_ birth: Birth) throws {
    try ancestry.insert(birth)
    births.insert(birth)
  }

  private mutating func index(of record: Dot) -> Int {
    if let at = records.firstIndex(where: { $0.id == record }) { return at }
    let at = records.firstIndex { $0.id > record } ?? records.count
    records.insert(RecordState(id: record), at: at)
    return at
  }

  /// What this copy has beyond `base`, a vector that stands for the writes in `basePast`.
  func parcel(beyond base: VersionVector, _ basePast: UInt64) -> Parcel {
    Parcel(
      base: base, basePast: basePast, target: vector,
      births: ancestry.births(at: vector, beyond: base),
      records: records.compactMap { $0.delta(beyond: base, in: ancestry) }, past: past)
  }

  /// Takes a parcel in, or refuses it whole if it begins beyond what is held here; then false.
  @discardableResult
  mutating func merge(_ parcel: Parcel) throws -> Bool {
    let fits = parcel.basePast & ~past.mask == 0
    try demand(
      ancestry.covers(vector, parcel.base) == fits,
      "[\(vector)] covers [\(parcel.base)]: not \(fits)")
    guard fits else { return false }
    for birth in parcel.births { try learn(birth) }
    for record in parcel.records { records[index(of: record.id)].merge(record, in: ancestry) }
    vector = ancestry.join(vector, parcel.target)
    past.unite(parcel.past)
    return true
  }

  /// Compares everything held with what the history says must be held.
  func check() throws {
    let expected = past.records.map { past.expected($0, fields: Self.fields) }
    try demand(records == expected, "holds \(records)\nnot \(expected)")
    try demand(vector == past.vector, "vector [\(vector)], not [\(past.vector)]")
    for record in records {
      let deleted = past.writes.contains { $0.record == record.id && $0.fields == [.deleted] }
      try demand(record.isDeleted == deleted, "\(record.id) deleted: not \(deleted)")
    }
  }

  var digest: Digest {
    var digest = Digest()
    for record in records {
      for state in record.fields {
        for sibling in state.siblings {
          digest.add(
            Canonical.item(
              collection: "plan_item", id: record.id, field: "f\(state.field.number)",
              sibling: sibling))
        }
      }
    }
    return digest
  }

  /// What every field reads as by every rule.
  var shown: [Resolution?] {
    records.flatMap { record in
      record.fields.flatMap { state in
        Rule.allCases.map { $0.resolve(state.siblings, role: Self.role) }
      }
    }
  }

  /// Half of the epochs are a hub's, whoever wrote: all that matters is that it is a function.
  static func role(of epoch: Epoch) -> Role { epoch.bits % 2 == 0 ? .station : .hub }
}

extension Copy: Hashable {
  /// `ancestry` follows from `births`.
  static func == (left: Copy, right: Copy) -> Bool {
    left.past == right.past && left.vector == right.vector && left.records == right.records
      && left.births == right.births && left.line == right.line
      && left.lineBefore == right.lineBefore && left.author == right.author
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(past)
    hasher.combine(line)
    hasher.combine(author)
  }
}
