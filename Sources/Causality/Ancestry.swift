/// The births of one partition, and what vectors of leaves mean in their light.
///
/// Every question walks from the leaves towards older births and stops at the generation of the
/// epoch asked for (the generation number of a birth is one more than the highest of its
/// parents'), so questions about recent writes cost little however long the history is.
///
/// Attacked as a model before it was written; the rules are those of design section 3: a birth
/// records the leaves really held, and stands for all of them.
package struct Ancestry: Sendable {
  private struct Node: Sendable {
    let birth: Birth
    let generation: Int
  }

  private var nodes: [Epoch: Node] = [:]

  package init() {}

  package var isEmpty: Bool { nodes.isEmpty }

  package subscript(epoch: Epoch) -> Birth? { nodes[epoch]?.birth }

  /// Adds a birth.
  ///
  /// Throws `birthsWanted` if a parent is unknown and `birthFork` if another birth of the same
  /// epoch is known: 64 random bits do not repeat, so somebody rewrote the past.
  package mutating func insert(_ birth: Birth) throws(CausalityError) {
    if let known = nodes[birth.epoch] {
      guard known.birth == birth else { throw .birthFork(birth.epoch) }
      return
    }
    guard birth.parents[birth.epoch] == 0 else { throw .birthFork(birth.epoch) }
    let wanted = unknown(in: birth.parents)
    guard wanted.isEmpty else { throw .birthsWanted(wanted) }
    let generation = birth.parents.entries.map { nodes[$0.epoch]?.generation ?? 0 }.max() ?? 0
    nodes[birth.epoch] = Node(birth: birth, generation: generation + 1)
  }

  /// The epochs of `vector` whose births are not known here, sorted.
  package func unknown(in vector: VersionVector) -> [Epoch] {
    vector.entries.map(\.epoch).filter { nodes[$0] == nil }
  }

  /// Whether a replica that has seen `vector` has seen `dot`.
  package func covers(_ vector: VersionVector, _ dot: Dot) -> Bool {
    if vector[dot.epoch] >= dot.sequence { return true }
    return implied(dot.epoch, by: vector, enough: dot.sequence) >= dot.sequence
  }

  /// Whether a replica that has seen `vector` has seen everything in `other`.
  package func covers(_ vector: VersionVector, _ other: VersionVector) -> Bool {
    vector == other || other.entries.allSatisfy { covers(vector, $0.dot) }
  }

  /// The highest sequence of `epoch` that a replica at `vector` has seen.
  package func reach(of epoch: Epoch, in vector: VersionVector) -> UInt64 {
    max(vector[epoch], implied(epoch, by: vector, enough: UInt64.max))
  }

  /// What a replica has seen that has seen both, as leaves.
  package func join(_ left: VersionVector, _ right: VersionVector) -> VersionVector {
    var joined = left
    for entry in right.entries { joined.insert(entry.dot) }
    // No new epoch, so no new birth that could stand for an entry.
    return joined.entries.count == left.entries.count ? joined : leaves(of: joined)
  }

  /// What two replicas have both seen, as leaves.
  package func meet(_ left: VersionVector, _ right: VersionVector) -> VersionVector {
    var common = VersionVector()
    var visited: Set<Dot> = []
    var stack = left.entries.map(\.dot)
    while let dot = stack.popLast() {
      guard visited.insert(dot).inserted else { continue }
      let both = min(dot.sequence, reach(of: dot.epoch, in: right))
      if both > 0 {
        common.insert(Dot(dot.epoch, both))
      } else if let birth = self[dot.epoch] {
        stack.append(contentsOf: birth.parents.entries.map(\.dot))
      }
    }
    return leaves(of: common)
  }

  /// `vector` without the entries that other entries' births stand for.
  package func leaves(of vector: VersionVector) -> VersionVector {
    guard vector.entries.count > 1 else { return vector }
    return VersionVector(
      vector.entries.filter { entry in
        implied(entry.epoch, by: vector, enough: entry.sequence) < entry.sequence
      })
  }

  /// The births at `vector` that a replica at `base` may not know: of epochs of which `base` has
  /// seen nothing. Parents come before children.
  package func births(at vector: VersionVector, beyond base: VersionVector) -> [Birth] {
    var found: [Epoch: Node] = [:]
    var stack = vector.entries.map(\.epoch)
    while let epoch = stack.popLast() {
      guard found[epoch] == nil, let node = nodes[epoch], !covers(base, Dot(epoch, 1)) else {
        continue
      }
      found[epoch] = node
      stack.append(contentsOf: node.birth.parents.entries.map(\.epoch))
    }
    // order: by generation and epoch, so parents first and the same on every machine.
    return found.values.sorted {
      ($0.generation, $0.birth.epoch) < ($1.generation, $1.birth.epoch)
    }.map(\.birth)
  }

  /// For each epoch of which a replica at `vector` may hold more than one at `base`: the first
  /// sequence that `base` does not cover. Older epochs first, so that what an epoch was born from
  /// comes before it.
  package func uncovered(
    at vector: VersionVector, beyond base: VersionVector
  ) -> [(epoch: Epoch, from: UInt64)] {
    var found: [Epoch: (generation: Int, from: UInt64)] = [:]
    var stack = vector.entries.map(\.epoch)
    while let epoch = stack.popLast() {
      guard let node = nodes[epoch], found[epoch] == nil else { continue }
      let from = reach(of: epoch, in: base) + 1
      found[epoch] = (node.generation, from)
      // A replica that has seen one write of an epoch has seen all that it was born from.
      if from == 1 { stack.append(contentsOf: node.birth.parents.entries.map(\.epoch)) }
    }
    // order: by generation and epoch, the same on every machine.
    return found.map { (epoch: $0.key, generation: $0.value.generation, from: $0.value.from) }
      .sorted { ($0.generation, $0.epoch) < ($1.generation, $1.epoch) }
      .map { (epoch: $0.epoch, from: $0.from) }
  }

  /// The highest sequence of `target` that the births of the epochs in `vector` stand for; it
  /// may stop looking at `enough`.
  private func implied(_ target: Epoch, by vector: VersionVector, enough: UInt64) -> UInt64 {
    guard let goal = nodes[target]?.generation else { return 0 }
    var best: UInt64 = 0
    // Most questions end at the parents of a leaf; only deeper ones need these two.
    var visited: Set<Epoch> = []
    var stack: [Epoch] = []
    func look(at epoch: Epoch) {
      guard let node = nodes[epoch], node.generation > goal else { return }
      for parent in node.birth.parents.entries {
        if parent.epoch == target {
          best = max(best, parent.sequence)
        } else if best < enough, let older = nodes[parent.epoch], older.generation > goal,
          visited.insert(parent.epoch).inserted
        {
          stack.append(parent.epoch)
        }
      }
    }
    for entry in vector.entries where entry.epoch != target { look(at: entry.epoch) }
    while best < enough, let epoch = stack.popLast() { look(at: epoch) }
    return best
  }
}
