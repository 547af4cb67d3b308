import Causality
import Records

@testable import Bundles

/// Makes random stories: odd collections, texts that are no UTF-8, extreme numbers, and columns
/// that mostly follow their predictions, as real ones do.
struct RandomEvents {
  var random: SplitMix64
  private var texts: [[UInt8]] = []
  private(set) var epochs: [Epoch] = []
  private(set) var catalogue: Catalogue?
  private var entries: [(key: [UInt8], attributes: [Value])] = []

  init(_ source: inout SplitMix64) {
    random = SplitMix64(seed: source.next())
    texts = (0..<12).map { _ in text() } + [[], [0xFF, 0xFE], [0xE4, 0xBD]]
    epochs = (0..<1 + random.below(4)).map { _ in Epoch(from: &random) }
    if random.chance(60) {
      let width = random.below(4)
      entries = (0..<random.below(8)).map { _ in
        (random.pick(texts), (0..<width).map { _ in anyValue() })
      }
      catalogue = Catalogue(entries)
    }
  }

  private mutating func text() -> [UInt8] {
    switch random.below(10) {
    case 0: random.bytes(random.below(30))
    case 1: Array("第\(random.below(40))期（瓜蒌栽培）".utf8)
    default: Array("P\(random.below(1000))".utf8)
    }
  }

  private mutating func integer() -> Int64 {
    switch random.below(8) {
    case 0: random.pick([Int64.max, Int64.min + 1, 0, -1])
    case 1: max(Int64.min + 1, Int64(bitPattern: random.anyLength()))
    default: Int64(random.below(2000))
    }
  }

  private mutating func dot() -> Dot {
    let sequence = random.chance(10) ? Limits.sequenceMax : 1 + UInt64(random.below(500))
    return Dot(random.pick(epochs), sequence)
  }

  mutating func anyValue() -> Value {
    switch random.below(5) {
    case 0: .null
    case 1: .dot(dot())
    case 2, 3: .integer(integer())
    default: Value(bytes: [2] + random.pick(texts))
    }
  }

  // MARK: Collections

  private mutating func collection(_ number: Int) -> EventCollection {
    while true {
      let width = random.chance(5) ? EventCollection.columnsMax : 1 + random.below(7)
      let kinds = (0..<width).map { _ in random.pick([CellKind.integer, .text, .dot]) }
      let columns = (0..<width).map { index in
        Column(
          "c\(index)", kinds[index], prediction(kinds[index], width),
          given: random.chance(20) ? "c\(random.below(width))" : nil)
      }
      let collection = EventCollection("collection_\(number)", columns)
      if ColumnPlan(collection) != nil { return collection }
    }
  }

  private mutating func prediction(_ kind: CellKind, _ width: Int) -> Prediction {
    let column = "c\(random.below(width))"
    switch random.below(6) {
    case 0: return .previous
    case 1: return kind == .integer ? .after([column, "c\(random.below(width))"]) : .previous
    case 2: return kind == .text ? .key : .none
    case 3, 4: return .attribute(random.below(4), of: column)
    default: return .none
    }
  }

  // MARK: Stories

  mutating func story(events count: Int) -> EventStory {
    var story = EventStory((0..<min(count, 1 + random.below(4))).map { collection($0) })
    var next = Dictionary(
      uniqueKeysWithValues: epochs.map { ($0, UInt64(1 + random.below(1000))) })
    var epoch = random.pick(epochs)
    var batch = 0
    var before: [Int: [Meaning]] = [:]
    for index in 0..<count {
      if random.chance(10) { epoch = random.pick(epochs) }
      if random.chance(5) { next[epoch] = UInt64(1 + random.below(1 << 30)) }
      // The first events see to it that no collection is without one.
      batch =
        index < story.collections.count
        ? index : random.chance(20) ? random.below(story.collections.count) : batch
      let sequence = next[epoch] ?? 1
      next[epoch] = sequence + 1
      let cells = row(story.collections[batch], before[batch])
      before[batch] = cells
      story.events.append(Happening(batch: batch, dot: Dot(epoch, sequence), cells: cells))
    }
    return story
  }

  private mutating func row(_ collection: EventCollection, _ before: [Meaning]?) -> [Meaning] {
    var cells: [Meaning] = []
    for (index, column) in collection.columns.enumerated() {
      if random.chance(15) || (index % 5 == 4 && random.chance(80)) {
        cells.append(.null)
      } else if let before, random.chance(40), before[index] != .null {
        cells.append(before[index])
      } else if let foretold = attribute(column, collection, cells), random.chance(80) {
        cells.append(foretold)
      } else {
        cells.append(cell(column.kind))
      }
    }
    return cells
  }

  /// What the catalogue says of a column, if the key stands before it.
  private func attribute(
    _ column: Column, _ collection: EventCollection, _ cells: [Meaning]
  ) -> Meaning? {
    guard case .attribute(let number, let name) = column.prediction,
      let at = collection.index(of: name), at < cells.count, case .text(let key) = cells[at],
      let entry = entries.first(where: { $0.key == key }), number < entry.attributes.count
    else { return nil }
    let value = entry.attributes[number]
    switch (Canonical.kind(of: value), column.kind) {
    case (.integer, .integer): return value.integer.map { .integer($0) }
    case (.text, .text): return .text(Array(value.bytes.dropFirst()))
    default: return nil
    }
  }

  private mutating func cell(_ kind: CellKind) -> Meaning {
    switch kind {
    case .integer: .integer(integer())
    case .text: .text(random.chance(70) ? random.pick(texts) : text())
    case .dot: .dot(dot())
    }
  }
}
