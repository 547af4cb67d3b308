internal import Records

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
  private var last = Cell.null
  /// For `attribute`: what the catalogue says of its entries, and what was first seen of others.
  private let catalogued: [Int64]
  private let noted: KeyNotes

  init(
    _ source: ColumnPlan.Source, of kind: CellKind, catalogue: Catalogue?,
    columns: [UnsafeMutablePointer<Int64>], notes: KeyNotes
  ) {
    self.source = source
    self.columns = columns
    noted = notes
    if case .attribute(let number, _) = source {
      notes.clear()
      if let catalogue, number < catalogue.attributes.count, catalogue.kinds[number] == kind {
        catalogued = catalogue.attributes[number]
        return
      }
    }
    catalogued = []
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
      guard text != Cell.null else { return .nothing }
      let value = known(Int(text))
      return value == Cell.null ? .nothing : .value(value)
    }
  }

  @inline(__always)
  mutating func learn(_ cell: Int64, _ row: Int) {
    switch source {
    case .none, .key, .after: break
    case .previous: last = cell
    case .attribute(_, let key):
      let text = columns[key][row]
      if text != Cell.null, known(Int(text)) == Cell.null { noted[Int(text)] = cell }
    }
  }

  @inline(__always)
  private func known(_ text: Int) -> Int64 {
    if text < catalogued.count, catalogued[text] != Cell.null { return catalogued[text] }
    return noted[text]
  }
}

/// A cell for each text of a piece, for the column that is being coded. Cleared by counting on:
/// a piece can have a million texts and thousands of columns.
final class KeyNotes {
  private struct Note {
    var cell = Cell.null
    var column: UInt32 = 0
  }

  private var notes: [Note]
  private var column: UInt32 = 0

  init(texts: Int) { notes = Array(repeating: Note(), count: texts) }

  func clear() { column += 1 }

  @inline(__always)
  subscript(text: Int) -> Int64 {
    get { notes[text].column == column ? notes[text].cell : Cell.null }
    set { notes[text] = Note(cell: newValue, column: column) }
  }
}
