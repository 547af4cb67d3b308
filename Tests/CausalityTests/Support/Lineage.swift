import Causality

/// A random lineage of epochs and, beside it, what each birth stands for, written out in full:
/// the oracle that `Ancestry` is compared with.
struct Lineage {
  /// For each epoch its highest sequence: a vector with nothing left out.
  typealias Expansion = [Epoch: UInt64]

  private(set) var births: [Birth] = []
  private(set) var ancestry = Ancestry()
  private var implied: [Epoch: Expansion] = [:]

  /// Epochs whose order by bits says nothing about the order of their births. A birth holds a
  /// random vector, mostly but not always reduced to leaves.
  init(epochs count: Int, from random: inout SplitMix64) throws {
    for _ in 0..<count {
      var parents = vector(from: &random)
      if random.chance(80) { parents = leaves(of: expand(parents)) }
      let author = Author(place: PlaceID(bits: random.next()), role: .station)
      let birth = Birth(
        epoch: Epoch(bits: random.next() | 1), author: author, parents: parents)
      implied[birth.epoch] = expand(parents)
      births.append(birth)
      try ancestry.insert(birth)
    }
  }

  /// A vector over some of the epochs; not reduced to leaves.
  func vector(from random: inout SplitMix64) -> VersionVector {
    var vector = VersionVector()
    guard !births.isEmpty else { return vector }
    for _ in 0..<random.below(5) {
      vector.insert(Dot(random.pick(births).epoch, UInt64(1 + random.below(4))))
    }
    return vector
  }

  func expand(_ vector: VersionVector) -> Expansion {
    var all: Expansion = [:]
    for entry in vector.entries {
      all[entry.epoch] = max(all[entry.epoch] ?? 0, entry.sequence)
      for (epoch, sequence) in implied[entry.epoch] ?? [:] {
        all[epoch] = max(all[epoch] ?? 0, sequence)
      }
    }
    return all
  }

  /// The vector that lists what no birth in `all` stands for.
  func leaves(of all: Expansion) -> VersionVector {
    var leaves = VersionVector()
    for (epoch, sequence) in all
    where !all.keys.contains(where: { implied[$0]?[epoch] ?? 0 >= sequence }) {
      leaves.insert(Dot(epoch, sequence))
    }
    return leaves
  }

  func dot(from random: inout SplitMix64) -> Dot {
    Dot(random.pick(births).epoch, UInt64(1 + random.below(5)))
  }
}
