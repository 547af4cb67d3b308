internal import Records

/// The adaptive models of one piece, handed out in blocks and freed together.
final class ModelArena {
  private var blocks: [UnsafeMutablePointer<BitModel>] = []

  func models(_ count: Int) -> UnsafeMutablePointer<BitModel> {
    let block = UnsafeMutablePointer<BitModel>.allocate(capacity: count)
    block.initialize(repeating: BitModels.fresh, count: count)
    blocks.append(block)
    return block
  }

  deinit { for block in blocks { block.deallocate() } }
}

/// Codes numbers of any size: the length in bits as a tree of adaptive bits, then the three bits
/// below the leading one adaptively, then the rest as they are. Small numbers are wholly adaptive.
struct NumberModel {
  private static let escape = 15
  private let lengths: UnsafeMutablePointer<BitModel>
  private let long: UnsafeMutablePointer<BitModel>
  private let mantissas: UnsafeMutablePointer<BitModel>
  private let signs: UnsafeMutablePointer<BitModel>

  init(_ arena: ModelArena) {
    lengths = arena.models(16 + 64 + 16 * 8 + 16)
    long = lengths + 16
    mantissas = long + 64
    signs = mantissas + 16 * 8
  }

  @inline(__always)
  private static func tree<C: BitCoder>(
    _ coder: inout C, _ models: UnsafeMutablePointer<BitModel>, _ bits: Int, _ value: UInt64
  ) -> UInt64 {
    var node = 1
    for shift in stride(from: bits - 1, through: 0, by: -1) {
      let bit = coder.bit(models + node, value >> UInt64(shift) & 1 != 0)
      node = node << 1 | (bit ? 1 : 0)
    }
    return UInt64(node) & (1 << UInt64(bits) &- 1)
  }

  @inline(__always)
  func number<C: BitCoder>(_ coder: inout C, _ value: UInt64) -> UInt64 {
    let width = 64 - value.leadingZeroBitCount
    var length = Int(Self.tree(&coder, lengths, 4, UInt64(min(width, Self.escape))))
    if length == Self.escape {
      length = Int(Self.tree(&coder, long, 6, UInt64(max(width, 1) - 1))) + 1
    }
    guard length > 1 else { return UInt64(length) }
    return magnitude(&coder, value, length)
  }

  @inline(__always)
  private func magnitude<C: BitCoder>(
    _ coder: inout C, _ value: UInt64, _ length: Int
  ) -> UInt64 {
    let rest = length - 1
    let adaptive = min(rest, 3)
    let models = mantissas + 8 * min(length, Self.escape)
    var below = rest - adaptive
    var result: UInt64 = 1
    let upper = value >> UInt64(below) & (1 << UInt64(adaptive) &- 1)
    result = result << UInt64(adaptive) | Self.tree(&coder, models, adaptive, upper)
    while below > 0 {
      let step = min(below, 16)
      below -= step
      let part = value >> UInt64(below) & (1 << UInt64(step) &- 1)
      result = result << UInt64(step) | coder.raw(step, part)
    }
    return result
  }

  /// A signed number: its magnitude, then its sign if it is not zero.
  @inline(__always)
  func signed<C: BitCoder>(_ coder: inout C, _ value: Int64) -> Int64 {
    let magnitude = number(&coder, value.magnitude)
    guard magnitude != 0 else { return 0 }
    let length = min(64 - magnitude.leadingZeroBitCount, Self.escape)
    let negative = coder.bit(signs + length, value < 0)
    let positive = Int64(bitPattern: magnitude)
    return negative ? 0 &- positive : positive
  }
}
