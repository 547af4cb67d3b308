internal import Causality

/// All writes that were ever made, as the machines showed them right after making them, and what a
/// replica must show that has seen some of them: a slow and simple fold, which shares no code with the
/// product but the types of names.
struct History {
  /// For each epoch the highest sequence: everything that was seen, spelt out.
  typealias Sight = [Epoch: UInt64]

  private struct Write {
    let dot: Dot
    let content: String
    /// What its author surely had seen, and what it may have: of a transaction that also merged a bundle
    /// nobody outside knows which came first.
    let seen: Sight
    let perhapsSeen: Sight
  }

  private struct Slot: Hashable {
    let partition: PartitionID
    /// Collection and id.
    let record: String
    /// Empty for the deletion.
    let field: String
  }

  private var births: [Epoch: Birth] = [:]
  private var sights: [Epoch: Sight] = [:]
  private var slots: [Slot: [Write]] = [:]
  private var slotsOf: [PartitionID: [Slot]] = [:]
  private var contents: [Slot: [Dot: String]] = [:]
  private var events: [PartitionID: [Dot: String]] = [:]
  /// The time of the last write of each epoch: hybrid logical, in its 64 bits.
  private var times: [Epoch: (sequence: UInt64, time: UInt64)] = [:]

  // MARK: What was seen

  func knows(_ epoch: Epoch) -> Bool { births[epoch] != nil }

  /// Throws if the epoch is known with another birth.
  mutating func learn(_ birth: Birth) throws(Violation) {
    guard let known = births[birth.epoch] else {
      births[birth.epoch] = birth
      sights[birth.epoch] = sight(birth.parents)
      return
    }
    guard known == birth else {
      throw Violation("birth_differs", "epoch \(birth.epoch) was born twice")
    }
  }

  /// A vector, spelt out.
  func sight(_ vector: VersionVector) -> Sight {
    var sight: Sight = [:]
    for entry in vector.entries {
      sight[entry.epoch] = max(sight[entry.epoch] ?? 0, entry.sequence)
      sight.merge(sights[entry.epoch] ?? [:], uniquingKeysWith: max)
    }
    return sight
  }

  static func covers(_ sight: Sight, _ other: Sight) -> Bool {
    other.allSatisfy { $0.value <= sight[$0.key] ?? 0 }
  }

  // MARK: What was written

  /// Takes in the lines of a dump. What is new must have been written by the author who shows it, between
  /// `before` and `sight`.
  mutating func take(
    _ dump: PartitionDump, at sight: Sight, before: Sight, by author: Author
  ) throws(Violation) {
    for event in dump.events {
      if let known = events[dump.partition]?[event.dot] {
        guard known == event.content else {
          throw Violation(
            "dot_differs", "\(event.dot) names two events: \(known) | \(event.content)")
        }
        continue
      }
      guard births[event.dot.epoch]?.author == author else {
        throw Self.unwritten(event.dot, event.content)
      }
      events[dump.partition, default: [:]][event.dot] = event.content
    }
    var new: [PartitionDump.Line] = []
    for value in dump.values where try take(value, dump.partition, sight, before, author) {
      new.append(value)
    }
    for value in new.sorted(by: { $0.dot < $1.dot }) { try clock(value) }
  }

  /// An epoch's writes have increasing times, but for a clock that was far ahead and was set right.
  private mutating func clock(_ value: PartitionDump.Line) throws(Violation) {
    guard let time = UInt64(value.content.prefix { $0 != " " }) else {
      throw Violation("dump_unread", "\(value)")
    }
    let last = times[value.dot.epoch]
    times[value.dot.epoch] = (value.dot.sequence, time)
    guard let last, last.sequence < value.dot.sequence, time <= last.time else { return }
    guard (last.time - time) >> 16 > 24 * 3_600_000 else {
      throw Violation("time_went_back", "\(value.dot) is no later than the write before it")
    }
  }

  /// The deletions at `sight` of records of which something was written beyond `base`.
  func deletions(_ partition: PartitionID, at sight: Sight, beyond base: Sight) -> [Dot] {
    func dots(_ slots: [Slot]) -> [Dot] {
      slots.flatMap { self.slots[$0] ?? [] }.map(\.dot)
        .filter { $0.sequence <= sight[$0.epoch] ?? 0 }
    }
    let all = slotsOf[partition] ?? []
    return all.filter(\.field.isEmpty).flatMap { deletion in
      let isNew = dots(all.filter { $0.record == deletion.record }).contains {
        $0.sequence > base[$0.epoch] ?? 0
      }
      return isNew ? dots([deletion]) : []
    }
  }

  /// Whether it is new.
  private mutating func take(
    _ value: PartitionDump.Line, _ partition: PartitionID, _ sight: Sight, _ before: Sight,
    _ author: Author
  ) throws(Violation) -> Bool {
    let slot = Slot(partition: partition, record: value.record, field: value.field)
    if let known = contents[slot]?[value.dot] {
      guard known == value.content else {
        throw Violation(
          "dot_differs", "\(value.dot) names two values: \(known) | \(value.content)")
      }
      return false
    }
    guard births[value.dot.epoch]?.author == author else {
      throw Self.unwritten(value.dot, value.content)
    }
    var (seen, perhapsSeen) = (sights[value.dot.epoch] ?? [:], sight)
    seen.merge(before, uniquingKeysWith: max)
    seen[value.dot.epoch] = value.dot.sequence - 1
    perhapsSeen[value.dot.epoch] = value.dot.sequence - 1
    if slots[slot] == nil { slotsOf[partition, default: []].append(slot) }
    slots[slot, default: []].append(
      Write(dot: value.dot, content: value.content, seen: seen, perhapsSeen: perhapsSeen))
    contents[slot, default: [:]][value.dot] = value.content
    return true
  }

  private static func unwritten(_ dot: Dot, _ content: String) -> Violation {
    Violation("never_written", "\(dot) was written by nobody: \(content)")
  }

  // MARK: What must be shown

  /// Compares what a replica shows with what it must show at `sight`.
  func check(_ dump: PartitionDump, at sight: Sight) throws(Violation) {
    if dump.partition.section.holdsEvents {
      let count = sight.values.reduce(0, +)
      guard dump.events.count == Int(count) else {
        throw Violation(
          "events_missing",
          "\(dump.partition): \(dump.events.count) events are shown, \(count) were seen")
      }
      return
    }
    let (most, least) = values(dump.partition, at: sight)
    let shown = Set(dump.values)
    if let lost = least.subtracting(shown).map(\.description).min() {
      throw Violation("value_lost", "\(dump.partition): \(lost)")
    }
    if let added = shown.subtracting(most).map(\.description).min() {
      throw Violation("value_returned", "\(dump.partition): \(added)")
    }
  }

  /// What may be shown at most, and what must be.
  private func values(
    _ partition: PartitionID, at sight: Sight
  ) -> (most: Set<PartitionDump.Line>, least: Set<PartitionDump.Line>) {
    var (most, least): (Set<PartitionDump.Line>, Set<PartitionDump.Line>) = ([], [])
    let slots = slotsOf[partition] ?? []
    let standing = slots.map { self.standing($0, at: sight) }
    let deleted = Set(
      slots.indices.filter { slots[$0].field.isEmpty && !standing[$0].most.isEmpty }
        .map { slots[$0].record })
    for (slot, writes) in zip(slots, standing)
    where slot.field.isEmpty || !deleted.contains(slot.record) {
      for write in writes.most { most.insert(line(slot, write)) }
      for write in writes.least { least.insert(line(slot, write)) }
    }
    return (most, least)
  }

  private func line(_ slot: Slot, _ write: Write) -> PartitionDump.Line {
    .init(record: slot.record, field: slot.field, dot: write.dot, content: write.content)
  }

  /// The writes to a field that none that was made with knowledge of them has replaced.
  private func standing(_ slot: Slot, at sight: Sight) -> (most: [Write], least: [Write]) {
    let writes = (slots[slot] ?? []).filter { $0.dot.sequence <= sight[$0.dot.epoch] ?? 0 }
    func standing(_ context: KeyPath<Write, Sight>) -> [Write] {
      writes.filter { write in
        !writes.contains { write.dot.sequence <= $0[keyPath: context][write.dot.epoch] ?? 0 }
      }
    }
    return (standing(\.seen), standing(\.perhapsSeen))
  }
}

/// A promise that was broken.
package struct Violation: Error, Equatable, CustomStringConvertible {
  /// Stable; a schedule that is made shorter must break the same.
  package let code: String
  package let text: String

  init(_ code: String, _ text: String) {
    self.code = code
    self.text = text
  }

  package var description: String { "\(code): \(text)" }
}
