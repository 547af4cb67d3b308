internal import Causality
internal import Exchange
internal import Records
internal import Replica
internal import Village

/// Looks at a machine after each step and knows what must never happen.
struct Oracle {
  private var history = History()
  /// The text that a partition has at a vector, whoever shows it.
  private var texts: [PartitionID: [VersionVector: Int]] = [:]
  /// What people were shown of a partition at a vector, and by whom.
  private var shown: [PartitionID: [VersionVector: (text: String, by: String)]] = [:]
  /// All that machines of a place ever held, and had in a copy.
  private var heldEver: [PlaceID: [PartitionID: History.Sight]] = [:]
  private var copiedEver: [PlaceID: [PartitionID: History.Sight]] = [:]
  /// Words of what happened, in order: equal seeds make equal traces.
  private(set) var trace: UInt64 = 0xCBF2_9CE4_8422_2325

  var tell: ((String) -> Void)?

  mutating func note(_ words: String) {
    tell?(words)
    for byte in words.utf8 { trace = (trace ^ UInt64(byte)) &* 0x100_0000_01B3 }
  }

  // MARK: After each step

  /// Checks what has changed at a machine. `isSetBack` if its card was: then it may hold less.
  mutating func look(at machine: Machine, isSetBack: Bool = false) throws {
    let (dumps, vectors) = try machine.replica.read { store in
      var dumps: [(PartitionDump, [Birth])] = []
      var vectors: [PartitionID: VersionVector] = [:]
      for partition in try store.partitionIDs() {
        let vector = try store.summary(partition).vector
        vectors[partition] = vector
        guard vector != machine.seen[partition] ?? VersionVector() else { continue }
        var lines: [String] = []
        try store.dump(partition) { lines.append($0) }
        let births = try store.ancestry(partition).births(at: vector, beyond: VersionVector())
        dumps.append((try PartitionDump(partition, lines), births))
      }
      return (dumps, vectors)
    }
    for (dump, births) in dumps {
      try look(at: dump, births, vectors[dump.partition] ?? .init(), machine)
    }
    if !isSetBack { try lookForLosses(machine, vectors) }
    machine.seen = vectors
  }

  private mutating func look(
    at dump: PartitionDump, _ births: [Birth], _ vector: VersionVector, _ machine: Machine
  ) throws(Violation) {
    let own = Author(place: machine.place, role: machine.role)
    for birth in births {
      guard history.knows(birth.epoch) || birth.author == own else {
        throw Violation("never_born", "epoch \(birth.epoch) of \(birth.author) is from nowhere")
      }
      try history.learn(birth)
    }
    let sight = history.sight(vector)
    let before = history.sight(machine.seen[dump.partition] ?? VersionVector())
    try history.take(dump, at: sight, before: before, by: own)
    try history.check(dump, at: sight)
    let hash = dump.text.hashValue
    if let known = texts[dump.partition]?[vector] {
      guard known == hash else {
        throw Violation("text_differs", "\(dump.partition) has two texts at \(vector)")
      }
    }
    texts[dump.partition, default: [:]][vector] = hash
    heldEver[machine.place, default: [:]][dump.partition, default: [:]].merge(
      sight, uniquingKeysWith: max)
    note("\(machine.name) \(dump.partition) \(vector)")
  }

  /// What a machine has acknowledged it goes on holding; but what it shared with a hub that it has left
  /// leaves its disk (P11).
  private func lookForLosses(
    _ machine: Machine, _ vectors: [PartitionID: VersionVector]
  ) throws(Violation) {
    for (partition, before) in machine.seen where !before.isEmpty {
      let after = vectors[partition] ?? VersionVector()
      guard before != after else { continue }
      let isOfOthers = partition.place != machine.place && partition.section == .public
      if after.isEmpty, isOfOthers { continue }
      guard History.covers(history.sight(after), history.sight(before)) else {
        throw Violation(
          "forgotten", "\(machine.name) has lost of \(partition): \(before) became \(after)")
      }
    }
  }

  /// The partitions with deleted content of which any may have been told to all who share them.
  func releasable(_ machine: Machine) throws -> Set<PartitionID> {
    let (partitions, neighbours) = try machine.replica.read { store in
      (try store.unreleased(), try Neighbours.all(store))
    }
    return Set(
      partitions.filter { partition in
        let subscribers = neighbours.filter { $0.shared.contains(partition) }.map(\.place.id)
        let sight = history.sight(machine.seen[partition] ?? VersionVector())
        let base = history.sight(machine.released[partition] ?? VersionVector())
        return history.deletions(partition, at: sight, beyond: base).contains { dot in
          subscribers.allSatisfy { dot.sequence <= heldEver[$0]?[partition]?[dot.epoch] ?? 0 }
        }
      })
  }

  mutating func copied(_ machine: Machine) {
    for (partition, vector) in machine.seen {
      copiedEver[machine.place, default: [:]][partition, default: [:]].merge(
        history.sight(vector), uniquingKeysWith: max)
    }
  }

  /// What machines of a place hold has never been more than was held; what they have in a copy, copied.
  func lookAtReceipts(_ machine: Machine) throws {
    let marks = try machine.replica.read { store in
      try Self.neighbours(store).flatMap { neighbour in
        try store.partitionIDs().map { ($0, neighbour, try store.mark(of: neighbour, $0)) }
      }
    }
    for (partition, neighbour, mark) in marks {
      for (told, ever, word) in [
        (mark.received, heldEver, "received"), (mark.safe, copiedEver, "safe"),
      ] where !told.isEmpty {
        let truth = ever[neighbour]?[partition] ?? [:]
        guard History.covers(truth, history.sight(told)) else {
          throw Violation(
            "\(word)_untrue",
            "\(machine.name) takes \(told) of \(partition) for \(word) at \(neighbour)")
        }
      }
    }
  }

  private static func neighbours(_ store: Store) throws -> [PlaceID] {
    let above = try Places.hub(store)
    return try [above].compactMap { $0 } + Tree(store).places.keys.sorted()
  }

  // MARK: At the end

  /// All that any of these machines holds of a partition.
  func union(_ machines: [Machine], of partition: PartitionID) -> History.Sight {
    machines.reduce(into: [:]) { sight, machine in
      sight.merge(
        history.sight(machine.seen[partition] ?? VersionVector()), uniquingKeysWith: max)
    }
  }

  /// Whoever has seen the same shows the same, of what all versions know (P3).
  mutating func lookAtShown(_ machine: Machine) throws {
    for (partition, vector) in machine.seen.sorted(by: { $0.key < $1.key })
    where !partition.section.holdsEvents && !vector.isEmpty {
      let text = try machine.replica.read { try Self.shown(partition, $0) }
      if let known = shown[partition]?[vector] {
        guard known.text == text else {
          throw Violation(
            "shown_differs", "\(machine.name) and \(known.by) show \(partition) otherwise")
        }
      }
      shown[partition, default: [:]][vector] = (text, machine.name)
    }
  }

  private static func shown(_ partition: PartitionID, _ store: Store) throws -> String {
    var lines: [String] = []
    for collection in Village.schema.records where collection.sections.contains(partition.section) {
      let records = try store.records(collection, in: partition)
      for record in records.sorted(by: { $0.id < $1.id }) {
        let values = collection.fields.map { "\(record.values[$0.name] ?? .null)" }
        lines.append("\(collection.name) \(record.id) \(values.joined(separator: " | "))")
      }
    }
    return lines.joined(separator: "\n")
  }

  func lacks(_ machine: Machine, _ partition: PartitionID, of wanted: History.Sight) -> Bool {
    !History.covers(history.sight(machine.seen[partition] ?? VersionVector()), wanted)
  }
}
