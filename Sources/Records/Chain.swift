internal import CHash
package import Causality

/// The first 128 bits of a SHA-256, as two little-endian words.
package struct ChainValue: Hashable, Sendable {
  package let low: UInt64
  package let high: UInt64

  package init(low: UInt64, high: UInt64) {
    self.low = low
    self.high = high
  }

  package init(hashing bytes: [UInt8]) {
    self = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { out in
      yz_sha256_hash(bytes, bytes.count, out.baseAddress)
      return ChainValue(digest: UnsafeRawBufferPointer(out))
    }
  }

  fileprivate init(digest: UnsafeRawBufferPointer) {
    low = UInt64(littleEndian: digest.loadUnaligned(as: UInt64.self))
    high = UInt64(littleEndian: digest.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
  }
}

/// SHA-256 of bytes that come one after the other.
package struct RunningHash: Sendable {
  private var state = yz_sha256()

  package init() { yz_sha256_init(&state) }

  package mutating func absorb(_ bytes: [UInt8]) {
    yz_sha256_update(&state, bytes, bytes.count)
  }

  package var value: ChainValue {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { out in
      withUnsafePointer(to: state) { yz_sha256_final($0, out.baseAddress) }
      return ChainValue(digest: UnsafeRawBufferPointer(out))
    }
  }
}

/// The hash chain of one epoch's writes (P5): its value after n writes is SHA-256 over the
/// epoch's birth and the canonical bytes of writes 1 to n, so any holder of the writes can
/// recompute it. The running state is kept, so one more write costs its own bytes only.
package struct Chain: Sendable {
  private var state: yz_sha256

  /// The chain before the first write. `parents` are the chain values at the birth's parents, in
  /// their order: so a value stands for the whole causal past, not for one epoch alone.
  package init(partition: PartitionID, birth: Birth, parents: [ChainValue]) {
    precondition(parents.count == birth.parents.entries.count, "P5: a value for each parent")
    state = yz_sha256()
    yz_sha256_init(&state)
    var writer = ByteWriter(reserving: 64)
    writer.fixed(partition.place.bits)
    writer.bytes.append(partition.section.rawValue)
    writer.fixed(birth.epoch.bits)
    writer.fixed(birth.author.place.bits)
    writer.bytes.append(birth.author.role.rawValue)
    writer.varint(UInt64(parents.count))
    for (entry, value) in zip(birth.parents.entries, parents) {
      writer.dot(entry.dot)
      writer.fixed(value.low)
      writer.fixed(value.high)
    }
    absorb(writer.bytes)
  }

  package mutating func absorb(_ bytes: [UInt8]) {
    yz_sha256_update(&state, bytes, bytes.count)
  }

  package mutating func absorb(_ bytes: UnsafeRawBufferPointer) {
    yz_sha256_update(&state, bytes.baseAddress, bytes.count)
  }

  package var value: ChainValue {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { out in
      withUnsafePointer(to: state) { yz_sha256_final($0, out.baseAddress) }
      return ChainValue(digest: UnsafeRawBufferPointer(out))
    }
  }

  /// The state as bytes for a database: 40 to 103 of them.
  package var saved: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 104) { buffer, count in
      count = withUnsafePointer(to: state) { yz_sha256_save($0, buffer.baseAddress) }
    }
  }

  /// Nil if `saved` is not what `saved` gave.
  package init?(saved: UnsafeRawBufferPointer) {
    state = yz_sha256()
    let bytes = saved.assumingMemoryBound(to: UInt8.self)
    guard yz_sha256_load(&state, bytes.baseAddress, bytes.count) != 0 else { return nil }
  }
}
