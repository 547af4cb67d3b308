/// The reading half of the range coder. It never fails: any bytes decode to something, and what
/// they decode to is checked by the code that asks.
struct RangeDecoder: BitCoder {
  static var isDecoder: Bool { true }

  private var next: UnsafePointer<UInt8>
  private let end: UnsafePointer<UInt8>
  private var code: UInt32 = 0
  private var range: UInt32 = .max
  private let weights = BitModels.table

  /// `bytes` must outlive the decoder.
  init(_ bytes: UnsafeBufferPointer<UInt8>, empty: UnsafePointer<UInt8>) {
    next = bytes.baseAddress ?? empty
    end = next + bytes.count
    for _ in 0..<4 { code = code << 8 | UInt32(byte()) }
  }

  @inline(__always)
  private mutating func byte() -> UInt8 {
    guard next < end else { return 0 }
    defer { next += 1 }
    return next.pointee
  }

  @inline(__always)
  mutating func bit(_ model: UnsafeMutablePointer<BitModel>, _ value: Bool) -> Bool {
    let state = model.pointee
    let bound = BitModels.bound(state, range)
    let one = code >= bound
    if one {
      code &-= bound
      range &-= bound
      model.pointee = BitModels.seenOne(state, weights)
    } else {
      range = bound
      model.pointee = BitModels.seenZero(state, weights)
    }
    normalise()
    return one
  }

  @inline(__always)
  mutating func raw(_ count: Int, _ value: UInt64) -> UInt64 {
    var result: UInt64 = 0
    for _ in 0..<count {
      range >>= 1
      let one = code >= range
      if one { code &-= range }
      result = result << 1 | (one ? 1 : 0)
      normalise()
    }
    return result
  }

  @inline(__always)
  private mutating func normalise() {
    while range < 1 << 24 {
      code = code << 8 | UInt32(byte())
      range <<= 8
    }
  }
}
