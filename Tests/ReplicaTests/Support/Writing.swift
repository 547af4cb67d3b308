import Causality
import Records
import Testing

@testable import Replica

/// One random write of a history, and what the ledger is told of it.
struct Writing {
  let history: History
  let member: History.Member
  let store: Store
  private let ledger: Ledger

  init(history: History, member: History.Member, store: Store, ledger: Ledger? = nil) {
    self.history = history
    self.member = member
    self.store = store
    self.ledger = ledger ?? history.ledger
  }

  private var dice: Seeded { history.dice }

  func any() throws {
    if dice.chance(40) { return try log() }
    let records = known()
    switch dice.below(10) {
    case 0..<3: try create()
    case 3..<5: if !records.isEmpty { try delete(dice.pick(records)) } else { try create() }
    default: if !records.isEmpty { try update(dice.pick(records)) } else { try create() }
    }
  }

  /// Live records that the member holds, as the ledger sees it.
  private func known() -> [(collection: RecordCollection, id: Dot)] {
    let held = member.held[Shelf.work] ?? []
    let lines = history.ledger.lines(Shelf.work, held: held)
    return lines.compactMap { line in
      let words = line.split(separator: " ")
      guard words.count == 3, words[0] == "record", let id = Dot(words[2]) else { return nil }
      return (words[1] == "note" ? Shelf.note : Shelf.slip, id)
    }
  }

  private func values(_ collection: RecordCollection) -> [(name: String, value: Value)] {
    let fields = collection.fields.filter { _ in dice.chance(50) }
    return (fields.isEmpty ? [collection.fields[0]] : fields).map { ($0.name, value()) }
  }

  private func value() -> Value {
    switch dice.below(6) {
    case 0: .null
    case 1: .integer(Int64(dice.below(1000)) - 500)
    case 2: .dot(Dot(Epoch(bits: dice.next() | 1), 1 + UInt64(dice.below(9))))
    case 3: .text("")
    default: .text("\(dice.pick(["停电", "a b", "\"x\"\n", "改期"]))\(dice.below(4))")
    }
  }

  private func create() throws {
    let collection = dice.pick([Shelf.note, Shelf.slip])
    let values = values(collection)
    let before = try store.summary(Shelf.work).vector
    let id = try store.create(collection, in: Shelf.work, values)
    let dot = try wrote(in: Shelf.work, before)
    guard dot == id else { throw Ledger.Broken(description: "\(id) was created as \(dot)") }
    try note(dot, Shelf.work, collection.name, record: id, values)
  }

  private func update(_ record: (collection: RecordCollection, id: Dot)) throws {
    let values = values(record.collection)
    let before = try store.summary(Shelf.work).vector
    try store.update(record.collection, record.id, in: Shelf.work, values)
    let dot = try wrote(in: Shelf.work, before)
    try note(dot, Shelf.work, record.collection.name, record: record.id, values)
  }

  private func delete(_ record: (collection: RecordCollection, id: Dot)) throws {
    let before = try store.summary(Shelf.work).vector
    try store.delete(record.collection, record.id, in: Shelf.work)
    let dot = try wrote(in: Shelf.work, before)
    try note(dot, Shelf.work, record.collection.name, record: record.id, [("", .null)])
  }

  private func log() throws {
    let collection = dice.pick([Shelf.visit, Shelf.meter])
    for _ in 0..<(1 + dice.below(3)) {
      var cells: [EventCell] = []
      var values: [(name: String, value: Value)] = []
      for column in collection.columns {
        let (cell, value) = self.cell(column.kind)
        cells.append(cell)
        values.append((column.name, value))
      }
      let before = try store.summary(Shelf.log).vector
      let returned = try store.log(collection, in: Shelf.log, cells)
      let dot = try wrote(in: Shelf.log, before)
      guard dot == returned else {
        throw Ledger.Broken(description: "\(returned) was logged as \(dot)")
      }
      try note(dot, Shelf.log, collection.name, record: nil, values)
    }
  }

  private func cell(_ kind: CellKind) -> (EventCell, Value) {
    if dice.chance(25) { return (.null, .null) }
    switch kind {
    case .integer:
      let number = Int64(bitPattern: dice.next()) >> Int64(dice.below(64))
      return number == .min ? (.null, .null) : (.integer(number), .integer(number))
    case .text:
      let text = dice.pick(["", "王芳", "李 强", "no signal"])
      return (.text(text), .text(text))
    case .dot:
      let dot = Dot(Epoch(bits: dice.next() | 1), 1 + UInt64(dice.below(1000)))
      return (.dot(dot), .dot(dot))
    }
  }

  /// The dot that a write took: the one thing that the vector has gained.
  private func wrote(in partition: PartitionID, _ before: VersionVector) throws -> Dot {
    let held = member.held[partition] ?? []
    let gained = try store.summary(partition).vector.entries.map(\.dot).filter {
      !held.contains($0)
    }
    guard gained.count == 1,
      gained[0].sequence == before[gained[0].epoch] + 1 || isNext(gained[0], held)
    else { throw Ledger.Broken(description: "one write took the dots \(gained)") }
    return gained[0]
  }

  /// Whether an epoch that was no leaf is gone on with.
  private func isNext(_ dot: Dot, _ held: Set<Dot>) -> Bool {
    dot.sequence == 1 || held.contains(Dot(dot.epoch, dot.sequence - 1))
  }

  private func note(
    _ dot: Dot, _ partition: PartitionID, _ collection: String, record: Dot?,
    _ values: [(name: String, value: Value)]
  ) throws {
    let held = member.held[partition] ?? []
    try ledger.note(dot, in: partition, held: held, collection, record: record, values)
    member.held[partition] = held.union([dot])
    let said = values.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
    history.traced(
      "\(member.name) writes \(dot) \(collection) \(record?.description ?? "") \(said)")
  }
}
