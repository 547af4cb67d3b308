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
    /// What its author had seen.
    let context: Sight
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

  /// Takes in the lines of a dump. What is new must have been written by the author who shows it.
  mutating func take(
    _ dump: PartitionDump, at sight: Sight, by author: Author
  ) throws(Violation) {
    for event in dump.events {
      if let known = events[dump.partition]?[event.dot] {
        guard known == event.content else {
          throw Violation("dot_differs", "\(event.dot) names two events: \(known) | \(event.content)")
        }
        continue
      }
      guard births[event.dot.epoch]?.author == author else { throw Self.unwritten(event.dot, event.content) }
      events[dump.partition, default: [:]][event.dot] = event.content
    }
    for value in dump.values { try take(value, dump.partition, sight, author) }
  }

  private mutating func take(
    _ value: PartitionDump.Line, _ partition: PartitionID, _ sight: Sight,
    _ author: Author
  ) throws(Violation) {
    let slot = Slot(partition: partition, record: value.record, field: value.field)
    if let known = contents[slot]?[value.dot] {
      guard known == value.content else {
        throw Violation(
          "dot_differs", "\(value.dot) names two values: \(known) | \(value.content)")
      }
      return
    }
    guard births[value.dot.epoch]?.author == author else { throw Self.unwritten(value.dot, value.content) }
    var context = sight
    context[value.dot.epoch] = value.dot.sequence - 1
    if slots[slot] == nil { slotsOf[partition, default: []].append(slot) }
    slots[slot, default: []].append(
      Write(dot: value.dot, content: value.content, context: context))
    contents[slot, default: [:]][value.dot] = value.content
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
    let wanted = values(dump.partition, at: sight)
    let shown = Set(dump.values)
    guard wanted != shown else { return }
    let lost = wanted.subtracting(shown).map(\.description).min()
    let added = shown.subtracting(wanted).map(\.description).min()
    throw Violation(
      lost == nil ? "value_returned" : "value_lost",
      "\(dump.partition): lost \(lost ?? "nothing"); not to be there \(added ?? "nothing")")
  }

  private func values(_ partition: PartitionID, at sight: Sight) -> Set<PartitionDump.Line> {
    var found: [Slot: [Write]] = [:]
    var deleted: Set<String> = []
    for slot in slotsOf[partition] ?? [] {
      let seen = (slots[slot] ?? []).filter { $0.dot.sequence <= sight[$0.dot.epoch] ?? 0 }
      let standing = seen.filter { write in
        !seen.contains { write.dot.sequence <= $0.context[write.dot.epoch] ?? 0 }
      }
      guard !standing.isEmpty else { continue }
      found[slot] = standing
      if slot.field.isEmpty { deleted.insert(slot.record) }
    }
    var lines: Set<PartitionDump.Line> = []
    for (slot, writes) in found where slot.field.isEmpty || !deleted.contains(slot.record) {
      for write in writes {
        lines.insert(
          .init(
            record: slot.record, field: slot.field, dot: write.dot, content: write.content))
      }
    }
    return lines
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
