internal import Records
internal import Wording

/// Codes one column of a batch, in either direction (see `BitCoder`).
///
/// The models of literals come twice where another column's prediction is given as context, so
/// that "completed" costs nothing after a playback of the usual length.
struct ColumnCoder {
  let kind: CellKind
  let source: ColumnPlan.Source
  let rows: Int
  let catalogue: Catalogue?
  let epochCount: Int

  private let nulls: UnsafeMutablePointer<BitModel>
  private let hits: UnsafeMutablePointer<BitModel>
  private let inCatalogue: UnsafeMutablePointer<BitModel>
  private let positions: NumberModel
  private let literals: [NumberModel]
  private let places: [TextModels]

  init(
    arena: ModelArena, kind: CellKind, source: ColumnPlan.Source, rows: Int,
    catalogue: Catalogue?, epochCount: Int, hasContext: Bool
  ) {
    self.kind = kind
    self.source = source
    self.rows = rows
    self.catalogue = catalogue
    self.epochCount = epochCount
    nulls = arena.models(2)
    hits = arena.models(2)
    inCatalogue = arena.models(1)
    positions = NumberModel(arena)
    let contexts = hasContext ? 2 : 1
    literals = (0..<contexts).map { _ in NumberModel(arena) }
    places = (0..<contexts).map { _ in TextModels(arena) }
  }

  /// What the other columns of the row tell about this one.
  struct Surroundings {
    let columns: [UnsafeMutablePointer<Int64>]
    /// For each row whether the given column was foretold rightly; nil without one.
    let given: UnsafePointer<UInt8>?
    /// Where this column notes the same, for columns that are given it.
    let noted: UnsafeMutablePointer<UInt8>
    let notes: KeyNotes
  }

  func code<C: BitCoder>(
    _ shared: inout C, _ cells: UnsafeMutablePointer<Int64>, texts: inout TextCoding,
    around: Surroundings
  ) throws(BundleError) {
    // A copy, so that the coder lives in registers while the column is coded.
    var coder = shared
    defer { shared = coder }
    var prediction = Predictor(
      source, of: kind, catalogue: catalogue, columns: around.columns, notes: around.notes)
    var state = LiteralState()
    let shape = try Shape.code(&coder, cells, rows)
    if shape == .empty {
      cells.update(repeating: Cell.null, count: rows)
      return
    }
    var wasNull = 0
    var wasHit = 1
    for row in 0..<rows {
      if shape == .mixed {
        let isNull = coder.bit(nulls + wasNull, cells[row] == Cell.null)
        wasNull = isNull ? 1 : 0
        if isNull {
          cells[row] = Cell.null
          continue
        }
      }
      let context = literals.count == 1 ? 0 : Int(around.given?[row] ?? 0)
      switch prediction.guess(cells, row) {
      case .base(let base):
        let step = literals[context].signed(&coder, cells[row] &- base)
        cells[row] = base &+ step
      case .value(let value):
        let isHit = coder.bit(hits + wasHit, cells[row] == value)
        wasHit = isHit ? 1 : 0
        around.noted[row] = UInt8(wasHit)
        if isHit {
          cells[row] = value
        } else {
          cells[row] = try literal(&coder, cells[row], &texts, &state, context)
        }
      case .nothing:
        cells[row] = try literal(&coder, cells[row], &texts, &state, context)
      }
      if C.isDecoder, cells[row] == Cell.null {
        throw BundleError(.pieceMalformed, "a cell has a value that no cell may have")
      }
      prediction.learn(cells[row], row)
    }
  }

  @inline(__always)
  private func literal<C: BitCoder>(
    _ coder: inout C, _ cell: Int64, _ texts: inout TextCoding, _ state: inout LiteralState,
    _ context: Int
  ) throws(BundleError) -> Int64 {
    switch kind {
    case .integer:
      return literals[context].signed(&coder, cell)
    case .text:
      if case .key = source, let catalogue, catalogue.entries > 0 {
        let isKnown = coder.bit(inCatalogue, cell < Int64(catalogue.entries))
        if isKnown {
          let entry = positions.number(&coder, UInt64(bitPattern: cell))
          guard entry < UInt64(catalogue.entries) else {
            throw BundleError(.pieceMalformed, "a key lies outside the catalogue")
          }
          return Int64(entry)
        }
      }
      return try texts.code(&coder, cell, &state.seen, places[context])
    case .dot:
      return try dot(&coder, cell, &state, context)
    }
  }

  private struct LiteralState {
    var seen = SeenTexts()
    var lastSequence: Int64 = 0
  }

  private func dot<C: BitCoder>(
    _ coder: inout C, _ cell: Int64, _ state: inout LiteralState, _ context: Int
  ) throws(BundleError) -> Int64 {
    let epoch = positions.number(&coder, UInt64(bitPattern: cell >> 32))
    let last = state.lastSequence
    let step = literals[context].signed(&coder, (cell & 0xFFFF_FFFF) &- last &- 1)
    let sequence = last &+ 1 &+ step
    guard epoch < UInt64(epochCount), sequence > 0, sequence <= Int64(Limits.sequenceMax) else {
      throw BundleError(.pieceMalformed, "a reference points to no possible write")
    }
    state.lastSequence = sequence
    return Cell.dot(epoch: Int(epoch), sequence: UInt64(sequence))
  }
}

/// Whether a column has empty cells at all: most have none, or nothing else.
enum Shape: UInt64 {
  case mixed = 0
  case full = 1
  case empty = 2

  static func code<C: BitCoder>(
    _ coder: inout C, _ cells: UnsafeMutablePointer<Int64>, _ rows: Int
  ) throws(BundleError) -> Shape {
    var shape = Shape.full
    if !C.isDecoder {
      let nulls = (0..<rows).reduce(0) { $0 + (cells[$1] == Cell.null ? 1 : 0) }
      shape = nulls == 0 ? .full : nulls == rows ? .empty : .mixed
    }
    guard let coded = Shape(rawValue: coder.raw(2, shape.rawValue)) else {
      throw BundleError(.pieceMalformed, "a column has a shape that does not exist")
    }
    return coded
  }
}
