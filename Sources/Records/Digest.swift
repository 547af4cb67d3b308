internal import CHash

/// A digest of a set of items that can be kept while items come and go: the sum of the first 128
/// bits of their SHA-256, as two 64-bit lanes (P6).
///
/// It finds damage and bugs. It is no proof against an adversary; signatures are (issue of trust).
package struct Digest: Hashable, Sendable {
  package private(set) var low: UInt64
  package private(set) var high: UInt64

  package init(low: UInt64 = 0, high: UInt64 = 0) {
    self.low = low
    self.high = high
  }

  package mutating func add(_ item: [UInt8]) {
    let (low, high) = Self.hash(item)
    self.low &+= low
    self.high &+= high
  }

  package mutating func subtract(_ item: [UInt8]) {
    let (low, high) = Self.hash(item)
    self.low &-= low
    self.high &-= high
  }

  /// The eight bytes that travel.
  package var short: UInt64 { low }

  private static func hash(_ item: [UInt8]) -> (UInt64, UInt64) {
    let value = ChainValue(hashing: item)
    return (value.low, value.high)
  }
}
