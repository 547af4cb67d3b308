internal import Wording

/// The models for naming texts in one column.
struct TextModels {
  let isSeen: UnsafeMutablePointer<BitModel>
  let isFresh: UnsafeMutablePointer<BitModel>
  let positions: NumberModel
  let numbers: NumberModel

  init(_ arena: ModelArena) {
    isSeen = arena.models(1)
    isFresh = arena.models(1)
    positions = NumberModel(arena)
    numbers = NumberModel(arena)
  }
}

/// The texts that a column has named so far, in order. Costs memory for those only: a piece can
/// have a million texts and thousands of columns.
struct SeenTexts {
  private var list: [Int64] = []
  private var positions: [Int64: Int] = [:]

  func position(_ text: Int64) -> Int? { positions[text] }

  @inline(__always)
  func text(_ position: UInt64) -> Int64? {
    position < UInt64(list.count) ? list[Int(position)] : nil
  }

  mutating func add(_ text: Int64) {
    positions[text] = list.count
    list.append(text)
  }
}

/// Names texts of a piece: one that the column has named before by its position among those;
/// the next of the piece's own texts, which costs nothing beyond saying so; or any by number.
///
/// The writer numbers its own texts in the order in which the coding first meets them.
struct TextCoding {
  let count: Int
  private var fresh: Int64

  /// `catalogued` texts are known before; `count` is the number of all texts.
  init(catalogued: Int, count: Int) {
    self.count = count
    fresh = Int64(catalogued)
  }

  /// Whether every text of the piece's own has been named: a heap holds nothing idle.
  var isComplete: Bool { fresh == Int64(count) }

  @inline(__always)
  mutating func code<C: BitCoder>(
    _ coder: inout C, _ text: Int64, _ seen: inout SeenTexts, _ models: TextModels
  ) throws(BundleError) -> Int64 {
    let known = C.isDecoder ? nil : seen.position(text)
    if coder.bit(models.isSeen, known != nil) {
      let position = models.positions.number(&coder, UInt64(known ?? 0))
      guard let named = seen.text(position) else {
        throw BundleError(.pieceMalformed, "a text is named that its column has not seen")
      }
      return named
    }
    var named = fresh
    if coder.bit(models.isFresh, text == fresh) {
      guard fresh < Int64(count) else {
        throw BundleError(.pieceMalformed, "more texts are named than there are")
      }
      fresh += 1
    } else {
      let number = models.numbers.number(&coder, UInt64(bitPattern: text))
      guard number < UInt64(bitPattern: fresh) else {
        throw BundleError(.pieceMalformed, "a text is named before its turn")
      }
      named = Int64(number)
    }
    guard seen.position(named) == nil else {
      throw BundleError(.pieceMalformed, "a text is named as new twice")
    }
    seen.add(named)
    return named
  }
}
