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

  /// With a branch: a bit on its own usually says that all is as foretold, and can be guessed.
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

  /// Without a branch: what a number is cannot be guessed.
  @inline(__always)
  mutating func tree(
    _ models: UnsafeMutablePointer<BitModel>, _ count: Int, _ value: UInt64
  ) -> UInt64 {
    var node = 1
    var left = count
    var state = models[1]
    while true {
      left &-= 1
      // Both models that may come next are fetched before it is known which.
      let (low, high) = left == 0 ? (0, 0) : (models[2 &* node], models[2 &* node &+ 1])
      let bound = BitModels.bound(state, range)
      let zero = 0 &- UInt32(code < bound ? 1 : 0)
      range = bound &+ (~zero & (range &- bound &- bound))
      code = code &- (~zero & bound)
      models[node] = BitModels.seen(state, weights, zero: zero)
      normalise()
      node = 2 &* node &+ Int(1 &+ zero)
      if left == 0 { return UInt64(node) & (1 &<< UInt64(count) &- 1) }
      state = high ^ ((high ^ low) & zero)
    }
  }

  @inline(__always)
  mutating func raw(_ count: Int, _ value: UInt64) -> UInt64 {
    var result: UInt64 = 0
    var left = count
    while left > 0 {
      left &-= 1
      range >>= 1
      let one = 0 &- UInt32(code >= range ? 1 : 0)
      code &-= range & one
      result = result << 1 | UInt64(one & 1)
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
