/// Foretells the next cell of a column from what both sides have coded already.
struct Predictor {
  enum Guess {
    case nothing
    /// The cell is likely to be exactly this.
    case value(Int64)
    /// The cell is likely to be near this.
    case base(Int64)
  }

  private let source: ColumnPlan.Source
  private let columns: [UnsafeMutablePointer<Int64>]
  /// For `attribute`: what the catalogue says, then what was first seen, by the number of the key.
  private var known: [Int64] = []
  private var last = Cell.null

  init(
    _ source: ColumnPlan.Source, catalogue: Catalogue?, columns: [UnsafeMutablePointer<Int64>],
    texts: Int
  ) {
    self.source = source
    self.columns = columns
    if case .attribute(let number, _) = source {
      known = Array(repeating: Cell.null, count: texts)
      if let catalogue, number < catalogue.attributes.count {
        for (entry, value) in catalogue.attributes[number].enumerated() { known[entry] = value }
      }
    }
  }

  @inline(__always)
  func guess(_ cells: UnsafeMutablePointer<Int64>, _ row: Int) -> Guess {
    switch source {
    case .none, .key:
      return .nothing
    case .previous:
      return last == Cell.null ? .nothing : .value(last)
    case .after(let indices):
      guard row > 0 else { return .base(0) }
      var sum: Int64 = 0
      for index in indices {
        let cell = columns[index][row - 1]
        if cell != Cell.null { sum = sum &+ cell }
      }
      return .base(sum)
    case .attribute(_, let key):
      let text = columns[key][row]
      guard text != Cell.null, known[Int(text)] != Cell.null else { return .nothing }
      return .value(known[Int(text)])
    }
  }

  @inline(__always)
  mutating func learn(_ cell: Int64, _ row: Int) {
    switch source {
    case .none, .key, .after: break
    case .previous: last = cell
    case .attribute(_, let key):
      let text = columns[key][row]
      if text != Cell.null, known[Int(text)] == Cell.null { known[Int(text)] = cell }
    }
  }
}
