package import Causality

/// Shows that the writes `first` to `last` of an epoch were made by a hub: its signature over what they
/// set, which whoever knows the hub's keys can check. It travels with the values, so that a hub which was
/// set back can tell its own lost writes from what somebody says were its writes, and others can take
/// from below what a hub above them has lost (Protocol/07-trust.md).
///
/// Values that were superseded since are named by their hashes, or the rest could not be checked.
package struct Proof: Equatable, Sendable {
  package let epoch: Epoch
  package let first: UInt64
  package let last: UInt64
  /// How many values these writes set.
  package let count: UInt64
  /// Ed25519, `signatureBytes` of them.
  package let signature: [UInt8]
  /// The hashes of those that have no place any more, each once, in ascending order.
  package private(set) var gone: [ChainValue]

  package static let signatureBytes = 64

  package init(
    epoch: Epoch, first: UInt64, last: UInt64, count: UInt64, signature: [UInt8],
    gone: [ChainValue] = []
  ) {
    self.epoch = epoch
    self.first = first
    self.last = last
    self.count = count
    self.signature = signature
    self.gone = gone.ascending
  }

  package func covers(_ dot: Dot) -> Bool {
    dot.epoch == epoch && (first...last).contains(dot.sequence)
  }

  /// Whether none of the values has a place any more: nothing is left to be proven.
  package var isSpent: Bool { UInt64(gone.count) >= count }

  package mutating func forget(_ hashes: [ChainValue]) { gone = (gone + hashes).ascending }

  /// What the signature must be of, if these are the values that are still there; nil if with those that
  /// are gone they are not as many as were set.
  package func statement(
    of birth: Birth, in partition: PartitionID, present: [ChainValue]
  ) -> [UInt8]? {
    let all = (present + gone).ascending
    guard birth.epoch == epoch, UInt64(all.count) == count else { return nil }
    return Self.statement(all, of: birth, in: partition, first: first, last: last)
  }

  /// What a hub signs of writes of its own: where they are, the epoch with all that it was born from, and
  /// the hashes of the values that they set.
  package static func statement(
    _ values: [ChainValue], of birth: Birth, in partition: PartitionID, first: UInt64, last: UInt64
  ) -> [UInt8] {
    var writer = ByteWriter(reserving: 96 + 16 * (birth.parents.entries.count + values.count))
    writer.bytes += Array("yizhan own writes 3".utf8)
    writer.fixed(partition.place.bits)
    writer.bytes.append(partition.section.rawValue)
    writer.fixed(birth.author.place.bits)
    writer.fixed(birth.epoch.bits)
    writer.fixed(UInt64(birth.parents.entries.count))
    for parent in birth.parents.entries {
      writer.fixed(parent.epoch.bits)
      writer.fixed(parent.sequence)
    }
    writer.fixed(first)
    writer.fixed(last)
    for value in values.ascending {
      writer.fixed(value.low)
      writer.fixed(value.high)
    }
    return writer.bytes
  }
}

extension [ChainValue] {
  /// Each once, in ascending order of `low`, then `high`.
  fileprivate var ascending: [ChainValue] {
    var previous: ChainValue?
    return sorted { ($0.low, $0.high) < ($1.low, $1.high) }.filter { value in
      defer { previous = value }
      return value != previous
    }
  }
}
