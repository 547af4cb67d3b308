internal import CHash
package import Causality

/// Shows that the writes `first` to `last` of an epoch were made by the holder of a `ProofKey`, who alone
/// can make and check it. It travels with the values, so that a hub which was set back can tell its own
/// lost writes from what somebody says were its writes (Protocol/07-trust.md).
///
/// Values that were superseded since are named by their hashes, or the rest could not be checked.
package struct Proof: Equatable, Sendable {
  package let epoch: Epoch
  package let first: UInt64
  package let last: UInt64
  /// How many values these writes set.
  package let count: UInt64
  package let tag: ChainValue
  /// The hashes of those that have no place any more, each once, in ascending order.
  package private(set) var gone: [ChainValue]

  package init(
    epoch: Epoch, first: UInt64, last: UInt64, count: UInt64, tag: ChainValue,
    gone: [ChainValue] = []
  ) {
    self.epoch = epoch
    self.first = first
    self.last = last
    self.count = count
    self.tag = tag
    self.gone = gone.ascending
  }

  package func covers(_ dot: Dot) -> Bool {
    dot.epoch == epoch && (first...last).contains(dot.sequence)
  }

  /// Whether none of the values has a place any more: nothing is left to be proven.
  package var isSpent: Bool { UInt64(gone.count) >= count }

  package mutating func forget(_ hashes: [ChainValue]) { gone = (gone + hashes).ascending }
}

/// What a replica proves its writes with: 32 bytes that nobody else knows.
package struct ProofKey: Sendable {
  private let key: [UInt8]

  package init(secret: [UInt8]) {
    key = keyedHash(of: Array("yizhan own writes 2".utf8), by: secret)
  }

  /// The first 16 bytes of an HMAC-SHA256 over which writes these are and the hashes of all the values
  /// that they set.
  package func tag(
    _ values: [ChainValue], in partition: PartitionID, of epoch: Epoch, first: UInt64, last: UInt64
  ) -> ChainValue {
    var writer = ByteWriter(reserving: 48 + 16 * values.count)
    writer.fixed(partition.place.bits)
    writer.bytes.append(partition.section.rawValue)
    writer.fixed(epoch.bits)
    writer.fixed(first)
    writer.fixed(last)
    for value in values.ascending {
      writer.fixed(value.low)
      writer.fixed(value.high)
    }
    var reader = ByteReader(keyedHash(of: writer.bytes, by: key))
    guard let low = try? reader.fixed(), let high = try? reader.fixed() else {
      preconditionFailure("SHA-256 has 32 bytes")
    }
    return ChainValue(low: low, high: high)
  }

  /// Whether the values that are there and those that are gone are what the proof was made for.
  package func confirms(
    _ proof: Proof, in partition: PartitionID, present: [ChainValue]
  ) -> Bool {
    let all = (present + proof.gone).ascending
    return UInt64(all.count) == proof.count
      && tag(all, in: partition, of: proof.epoch, first: proof.first, last: proof.last) == proof.tag
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

/// HMAC-SHA256 (RFC 2104).
func keyedHash(of message: [UInt8], by key: [UInt8]) -> [UInt8] {
  let block = 64
  let short = key.count > block ? hash(key) : key
  let padded = short + [UInt8](repeating: 0, count: block - short.count)
  return hash(padded.map { $0 ^ 0x5c } + hash(padded.map { $0 ^ 0x36 } + message))
}

private func hash(_ bytes: [UInt8]) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: 32) { out, count in
    yz_sha256_hash(bytes, bytes.count, out.baseAddress)
    count = 32
  }
}
