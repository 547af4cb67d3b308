/// The writing half of a carry-propagating binary range coder (Martin 1979; the form is LZMA's).
struct RangeEncoder: BitCoder {
  static var isDecoder: Bool { false }

  private var low: UInt64 = 0
  private var range: UInt32 = .max
  private var cache: UInt8 = 0
  private var pending = 0
  private var started = false
  private let weights = BitModels.table
  private(set) var bytes: [UInt8] = []

  @inline(__always)
  mutating func bit(_ model: UnsafeMutablePointer<BitModel>, _ value: Bool) -> Bool {
    let bound = BitModels.bound(model.pointee, range)
    if value {
      low &+= UInt64(bound)
      range &-= bound
      model.pointee = BitModels.seenOne(model.pointee, weights)
    } else {
      range = bound
      model.pointee = BitModels.seenZero(model.pointee, weights)
    }
    normalise()
    return value
  }

  @inline(__always)
  mutating func tree(
    _ models: UnsafeMutablePointer<BitModel>, _ count: Int, _ value: UInt64
  ) -> UInt64 {
    var node = 1
    for shift in stride(from: count - 1, through: 0, by: -1) {
      let isOne = bit(models + node, value >> UInt64(shift) & 1 != 0)
      node = node << 1 | (isOne ? 1 : 0)
    }
    return value
  }

  @inline(__always)
  mutating func raw(_ count: Int, _ value: UInt64) -> UInt64 {
    for shift in stride(from: count - 1, through: 0, by: -1) {
      range >>= 1
      if value >> UInt64(shift) & 1 != 0 { low &+= UInt64(range) }
      normalise()
    }
    return value
  }

  @inline(__always)
  private mutating func normalise() {
    while range < 1 << 24 {
      range <<= 8
      shiftLow()
    }
  }

  private mutating func shiftLow() {
    if low < 0xFF00_0000 || low > 0xFFFF_FFFF {
      let carry = UInt8(truncatingIfNeeded: low >> 32)
      // The very first byte is always zero and is left out.
      if started { bytes.append(cache &+ carry) }
      started = true
      while pending > 0 {
        bytes.append(0xFF &+ carry)
        pending -= 1
      }
      cache = UInt8(truncatingIfNeeded: low >> 24)
    } else {
      pending += 1
    }
    low = (low & 0x00FF_FFFF) << 8
  }

  /// Ends the stream. A reader takes bytes beyond the end for zeros, so the number within the
  /// final interval that ends in the most zeros is chosen and the zeros are left out.
  mutating func finish() -> [UInt8] {
    let top = low + UInt64(range) - 1
    for shift in stride(from: UInt64(32), through: 0, by: -1) {
      let candidate = (top >> shift) << shift
      if candidate >= low {
        low = candidate
        break
      }
    }
    for _ in 0..<5 { shiftLow() }
    while bytes.last == 0 { bytes.removeLast() }
    return bytes
  }
}
