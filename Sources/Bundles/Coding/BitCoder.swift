/// An adaptive bit model: the upper 16 bits of the word are the probability of a zero bit, the
/// lower 8 count the bits seen, so that a fresh model learns fast and an old one is steady.
typealias BitModel = UInt32

/// Codes bits in either direction, so that one piece of code is both the writer and the reader of
/// a piece: an encoder writes what it is given and gives it back, a decoder ignores what it is
/// given and gives what it reads (Protocol/03-bundles.md, "Range coder").
protocol BitCoder {
  mutating func bit(_ model: UnsafeMutablePointer<BitModel>, _ value: Bool) -> Bool
  /// `count` (at most 6) bits from the highest down, each with the model that those above it
  /// choose: model 1 for the first, 2 or 3 for the second, and so on.
  mutating func tree(
    _ models: UnsafeMutablePointer<BitModel>, _ count: Int, _ value: UInt64
  ) -> UInt64
  /// `count` (at most 31) bits of equal likelihood.
  mutating func raw(_ count: Int, _ value: UInt64) -> UInt64
  static var isDecoder: Bool { get }
}

enum BitModels {
  static let fresh: BitModel = 0x8000_0000
  /// The weight of a new bit after n bits: 1 / (n + 3/2), down to about 1/128.
  static let weights: [UInt32] = (0..<128).map { 131_072 / UInt32(2 * $0 + 3) }
  /// Safe to share: written once here, never changed, never freed.
  nonisolated(unsafe) static let table: UnsafePointer<UInt32> = {
    let table = UnsafeMutablePointer<UInt32>.allocate(capacity: 128)
    for (index, weight) in weights.enumerated() { table[index] = weight }
    return UnsafePointer(table)
  }()

  @inline(__always)
  static func bound(_ model: BitModel, _ range: UInt32) -> UInt32 {
    (range >> 12) &* (model >> 20)
  }

  @inline(__always)
  static func seenZero(_ model: BitModel, _ weights: UnsafePointer<UInt32>) -> BitModel {
    let probability = model >> 16
    let count = model & 0xFF
    let raised = probability &+ ((65535 &- probability) &* weights[Int(count)]) >> 16
    return raised << 16 | (count < 127 ? count &+ 1 : 127)
  }

  @inline(__always)
  static func seenOne(_ model: BitModel, _ weights: UnsafePointer<UInt32>) -> BitModel {
    let probability = model >> 16
    let count = model & 0xFF
    let lowered = probability &- (probability &* weights[Int(count)]) >> 16
    return lowered << 16 | (count < 127 ? count &+ 1 : 127)
  }

  /// Either of these without a branch: `zero` is all ones after a zero, and zero after a one.
  @inline(__always)
  static func seen(
    _ model: BitModel, _ weights: UnsafePointer<UInt32>, zero: UInt32
  ) -> BitModel {
    let probability = model >> 16
    let count = model & 0xFF
    let room = probability ^ (zero & 0xFFFF)
    let step = (room &* weights[Int(count)]) >> 16
    let moved = probability &+ ((step ^ ~zero) &- ~zero)
    return moved << 16 | (count < 127 ? count &+ 1 : 127)
  }
}
