import Causality
import Records

/// What every write said, kept apart from the replicas: sets of dots and nothing else. It knows
/// no vectors, no merge and no tables, so it can say what a replica must hold and show.
///
/// It is the model that the causal core was attacked with (evidence/causal_model.py) in Swift.
final class Ledger {
  struct Write {
    let collection: String
    /// The record written to; nil for an event.
    let record: Dot?
    let values: [(name: String, value: Value)]
    /// For each field the writes to it that the writer had seen: those it supersedes.
    let superseded: [String: Set<Dot>]
  }

  private(set) var writes: [PartitionID: [Dot: Write]] = [:]
  /// What was held when an epoch was born.
  private var births: [Epoch: Set<Dot>] = [:]
  private var named: Set<Dot> = []

  struct Broken: Error, CustomStringConvertible { let description: String }

  // MARK: Writing down

  /// Notes that a replica that held `held` has written `dot`.
  func note(
    _ dot: Dot, in partition: PartitionID, held: Set<Dot>, _ collection: String, record: Dot?,
    _ values: [(name: String, value: Value)]
  ) throws {
    guard named.insert(dot).inserted else {
      throw Broken(description: "P4: \(dot) names two writes")
    }
    if dot.sequence == 1 {
      births[dot.epoch] = held
    } else if !held.contains(Dot(dot.epoch, dot.sequence - 1)) {
      throw Broken(description: "P4: \(dot) was written by one that does not hold what is before")
    }
    var superseded: [String: Set<Dot>] = [:]
    if record != nil {
      for (name, _) in values {
        superseded[name] = held.filter { earlier in
          guard let write = writes[partition]?[earlier], write.record == record else {
            return false
          }
          return write.values.contains { $0.name == name }
        }
      }
    }
    writes[partition, default: [:]][dot] = Write(
      collection: collection, record: record, values: values, superseded: superseded)
  }

  /// Dots of writes that came to nothing: their epochs must not be gone on with.
  func forbid(_ dots: [Dot]) { named.formUnion(dots) }

  /// Every dot that was noted.
  var all: [Dot] { Array(named) }

  // MARK: Vectors

  /// Every dot that a vector stands for.
  func dots(of vector: VersionVector) -> Set<Dot> {
    var dots: Set<Dot> = []
    for entry in vector.entries {
      dots.formUnion((1...entry.sequence).map { Dot(entry.epoch, $0) })
      dots.formUnion(births[entry.epoch] ?? [])
    }
    return dots
  }

  /// Whether no entry of a vector is implied by the others.
  func isLeavesOnly(_ vector: VersionVector) -> Bool {
    vector.entries.allSatisfy { entry in
      !vector.entries.contains { other in
        other.epoch != entry.epoch && births[other.epoch]?.contains(entry.dot) == true
      }
    }
  }

  // MARK: What must be shown

  /// The lines of a dump without their times, for a replica that holds `held`.
  func lines(_ partition: PartitionID, held: Set<Dot>) -> [String] {
    partition.section.holdsEvents ? events(partition, held) : records(partition, held)
  }

  private func events(_ partition: PartitionID, _ held: Set<Dot>) -> [String] {
    held.sorted().compactMap { dot in
      guard let write = writes[partition]?[dot] else { return nil }
      let cells = write.values.filter { !$0.value.isNull }.map { "\($0.name)=\($0.value)" }
      return "event \(write.collection) \(dot) " + cells.joined(separator: " ")
    }
  }

  private func records(_ partition: PartitionID, _ held: Set<Dot>) -> [String] {
    var byRecord: [Dot: [Dot]] = [:]
    for dot in held {
      if let record = writes[partition]?[dot]?.record { byRecord[record, default: []].append(dot) }
    }
    var lines: [(collection: String, record: Dot, text: [String])] = []
    for (record, dots) in byRecord {
      guard let collection = writes[partition]?[record]?.collection else { continue }
      lines.append((collection, record, self.lines(partition, record, dots.sorted())))
    }
    return lines.sorted { ($0.collection, $0.record) < ($1.collection, $1.record) }
      .flatMap(\.text)
  }

  private func lines(_ partition: PartitionID, _ record: Dot, _ dots: [Dot]) -> [String] {
    var fields: [String: [(Dot, Value)]] = [:]
    var gone: [String: Set<Dot>] = [:]
    let writes = dots.compactMap { dot in self.writes[partition]?[dot].map { (dot, $0) } }
    for (_, write) in writes {
      for (name, earlier) in write.superseded { gone[name, default: []].formUnion(earlier) }
    }
    for (dot, write) in writes {
      for (name, value) in write.values where gone[name]?.contains(dot) != true {
        fields[name, default: []].append((dot, value))
      }
    }
    let isDeleted = fields[""] != nil
    let collection = self.writes[partition]?[record]?.collection ?? ""
    var lines = ["record \(collection) \(record)\(isDeleted ? " deleted" : "")"]
    for name in fields.keys.sorted() where !isDeleted || name.isEmpty {
      lines += (fields[name] ?? []).map { dot, value in "  \(name) \(dot) \(value)" }
    }
    return lines
  }

  /// A dump's lines without heading, vector and times.
  static func timeless(_ dump: [String]) -> [String] {
    dump.dropFirst(2).map { line in
      guard line.hasPrefix("  ") else { return line }
      // "  field dot time value"; the field of deletion has no name, values may hold spaces.
      var words = line.dropFirst(2).split(
        separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
      words.remove(at: 2)
      return "  " + words.joined(separator: " ")
    }
  }
}
