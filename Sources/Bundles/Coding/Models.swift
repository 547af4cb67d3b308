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
  // Where the parts begin among the models.
  private static let long = 16
  private static let mantissas = long + 64
  private static let signs = mantissas + 16 * 8
  private static let count = signs + 16

  private let models: UnsafeMutablePointer<BitModel>

  init(_ arena: ModelArena) { models = arena.models(Self.count) }

  @inline(__always)
  func number<C: BitCoder>(_ coder: inout C, _ value: UInt64) -> UInt64 {
    let width = 64 &- value.leadingZeroBitCount
    var length = Int(coder.tree(models, 4, UInt64(min(width, Self.escape))))
    if length == Self.escape {
      length = Int(coder.tree(models + Self.long, 6, UInt64(max(width, 1) - 1))) + 1
    }
    guard length > 1 else { return UInt64(length) }
    return magnitude(&coder, value, length)
  }

  @inline(__always)
  private func magnitude<C: BitCoder>(
    _ coder: inout C, _ value: UInt64, _ length: Int
  ) -> UInt64 {
    let rest = length &- 1
    let adaptive = min(rest, 3)
    var below = rest &- adaptive
    let upper = value &>> UInt64(below) & (1 &<< UInt64(adaptive) &- 1)
    var result =
      1 &<< UInt64(adaptive)
      | coder.tree(models + Self.mantissas + 8 &* min(length, Self.escape), adaptive, upper)
    while below > 0 {
      let step = min(below, 16)
      below &-= step
      let part = value &>> UInt64(below) & (1 &<< UInt64(step) &- 1)
      result = result &<< UInt64(step) | coder.raw(step, part)
    }
    return result
  }

  /// A signed number: its magnitude, then its sign if it is not zero.
  @inline(__always)
  func signed<C: BitCoder>(_ coder: inout C, _ value: Int64) -> Int64 {
    let magnitude = number(&coder, value.magnitude)
    guard magnitude != 0 else { return 0 }
    let length = min(64 &- magnitude.leadingZeroBitCount, Self.escape)
    let negative = coder.bit(models + Self.signs + length, value < 0)
    let positive = Int64(bitPattern: magnitude)
    return negative ? 0 &- positive : positive
  }
}
