internal import Records

/// In which order a collection's columns are coded: a column after those that foretell it.
struct ColumnPlan {
  /// What foretells a column, with names turned into positions.
  enum Source {
    case none
    case previous
    case after([Int])
    case key
    case attribute(Int, key: Int)
  }

  let collection: EventCollection
  let order: [Int]
  let sources: [Source]
  let givens: [Int?]

  /// Nil if a name is unknown, or columns foretell each other in a circle: a peer's mistake.
  init?(_ collection: EventCollection) {
    self.collection = collection
    var sources: [Source] = []
    // Sets of columns, a bit for each.
    var needs: [UInt32] = []
    var givens: [Int?] = []
    for (index, column) in collection.columns.enumerated() {
      guard let (source, needed) = Self.source(column, at: index, in: collection) else {
        return nil
      }
      sources.append(source)
      var all = needed
      if let given = column.given {
        guard let at = collection.index(of: given), at != index else { return nil }
        givens.append(at)
        all |= 1 << UInt32(at)
      } else {
        givens.append(nil)
      }
      needs.append(all)
    }
    var order: [Int] = []
    var done: UInt32 = 0
    while order.count < needs.count {
      let ready = needs.indices.first { done >> UInt32($0) & 1 == 0 && needs[$0] & ~done == 0 }
      guard let ready else { return nil }
      order.append(ready)
      done |= 1 << UInt32(ready)
    }
    self.order = order
    self.sources = sources
    self.givens = givens
  }

  private static func source(
    _ column: Column, at index: Int, in collection: EventCollection
  ) -> (Source, UInt32)? {
    switch column.prediction {
    case .none: return (.none, 0)
    case .previous: return (.previous, 0)
    case .key: return column.kind == .text ? (.key, 0) : nil
    case .after(let names):
      let at = names.compactMap { collection.index(of: $0) }
      guard at.count == names.count, column.kind == .integer,
        at.allSatisfy({ collection.columns[$0].kind == .integer })
      else { return nil }
      let others = at.filter { $0 != index }
      return (.after(at), others.reduce(0) { $0 | 1 << UInt32($1) })
    case .attribute(let number, let name):
      guard let key = collection.index(of: name), key != index,
        collection.columns[key].kind == .text, (0..<16).contains(number)
      else { return nil }
      return (.attribute(number, key: key), 1 << UInt32(key))
    }
  }
}
