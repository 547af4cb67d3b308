internal import Causality

/// A dot as one integer: the local number of its epoch above, the sequence in the lower 31 bits.
/// It is the primary key of everything that a dot names, and sorts by epoch and sequence.
package struct Key: Hashable, Comparable, Sendable {
  static let sequenceBits: Int64 = 31
  static let sequenceMask: Int64 = (1 << sequenceBits) - 1

  package let number: Int64

  init(_ number: Int64) { self.number = number }

  init(epoch: Int64, sequence: UInt64) {
    precondition(sequence <= Dot.sequenceMax, "P4: a longer sequence would name another epoch")
    number = epoch << Self.sequenceBits | Int64(sequence)
  }

  var epoch: Int64 { number >> Self.sequenceBits }
  var sequence: UInt64 { UInt64(number & Self.sequenceMask) }

  package static func < (left: Key, right: Key) -> Bool { left.number < right.number }
}
