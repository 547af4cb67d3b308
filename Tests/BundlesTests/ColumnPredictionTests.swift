import Causality
import Records
import Testing

@testable import Bundles

/// What a column can be foretold from costs next to nothing, and never changes what is said.
@Suite struct ColumnPredictionTests {
  private static let rows = 400

  /// Events of one collection, with cells by row.
  private static func story(
    _ columns: [Column], rows: Int = rows, _ cells: (Int) -> [Meaning]
  ) -> EventStory {
    var story = EventStory([EventCollection("x", columns)])
    story.events = (0..<rows).map {
      Happening(batch: 0, dot: Dot(Epoch(bits: 5), UInt64($0 + 1)), cells: cells($0))
    }
    return story
  }

  /// The size of a story that arrives as it was.
  private static func size(_ story: EventStory, _ catalogue: Catalogue? = nil) throws -> Int {
    #expect(try EventPieceTests.travelled(story, catalogue) == story)
    var manifest = emptyManifest(catalogue)
    return BundleCodec().encode(story.piece(catalogue), catalogue: catalogue, into: &manifest)
      .count
  }

  private static func text(_ text: String) -> Meaning { .text(Array(text.utf8)) }

  /// Numbers without a pattern.
  private static let noise: [Int64] = {
    var random = SplitMix64(seed: 4711)
    return (0..<rows).map { _ in Int64(random.below(1 << 20)) }
  }()

  @Test func `a column that repeats itself is free with previous`() throws {
    func size(_ prediction: Prediction) throws -> Int {
      try Self.size(
        Self.story([Column("operator", .integer, prediction)]) {
          .init([.integer($0 < 200 ? 1 << 40 : 7)])
        })
    }
    #expect(try size(.previous) < 40)
    #expect(try size(.none) > 300)
  }

  @Test func `what follows on the sum of the row before is nearly free with after`() throws {
    var start: Int64 = 1_780_000_000
    let rows = Self.noise.map { length -> [Meaning] in
      defer { start += length + 3 }
      return [.integer(start), .integer(length)]
    }
    func size(_ prediction: Prediction) throws -> Int {
      try Self.size(
        Self.story([Column("started", .integer, prediction), Column("seconds", .integer)]) {
          rows[$0]
        })
    }
    // The steps of three seconds, the first start, and the lengths of 20 bits each.
    #expect(try size(.after(["started", "seconds"])) < 20 * Self.rows / 8 + 60)
    #expect(try size(.none) > 40 * Self.rows / 8)
  }

  @Test func `sums wrap around instead of trapping`() throws {
    let extremes: [Int64] = [Int64.max, Int64.min + 1, -1, 0, 1]
    let columns = [
      Column("a", .integer, .after(["a", "b", "a"])), Column("b", .integer, .after(["a", "b"])),
    ]
    // A circle: each stands after the other.
    #expect(ColumnPlan(EventCollection("x", columns)) == nil)
    let straight = [columns[0], Column("b", .integer, .after(["b", "b", "b"]))]
    _ = try Self.size(
      Self.story(straight, rows: 25) {
        .init([.integer(extremes[$0 % 5]), .integer(extremes[$0 / 5])])
      })
  }

  private static func catalogue(_ count: Int) -> Catalogue {
    Catalogue(
      (0..<count).map { entry in
        let attributes = [Value.text("title \(entry * 37 % 101)"), .integer(noise[entry])]
        return (Array("P\(1000 + entry)".utf8), attributes)
      })
  }

  private static func programme(_ row: Int) -> [Meaning] {
    let entry = Int(noise[row]) % 100
    return [
      text("P\(1000 + entry)"), text("title \(entry * 37 % 101)"), .integer(noise[entry]),
      text(row % 10 == 0 ? "stopped" : "completed"),
    ]
  }

  private static func columns(given: String? = nil) -> [Column] {
    [
      Column("programme", .text, .key), Column("title", .text, .attribute(0, of: "programme")),
      Column("seconds", .integer, .attribute(1, of: "programme")),
      Column("outcome", .text, given: given),
    ]
  }

  @Test func `what the catalogue knows of a key is free`() throws {
    let story = Self.story(Self.columns()) { Self.programme($0) }
    let known = try Self.size(story, Self.catalogue(100))
    let alone = try Self.size(story)
    // Seven bits and a little for one of 100 keys, half a bit for the outcome.
    #expect(known < 9 * Self.rows / 8 + 80)
    // Without it, a hundred codes, titles and lengths are told once.
    #expect(alone > known + 300)
    #expect(alone < known + 2000)
  }

  @Test func `a catalogue without entries or attributes foretells nothing and does no harm`() throws
  {
    let story = Self.story(Self.columns(), rows: 50) { Self.programme($0) }
    #expect(try Self.size(story, Catalogue([])) == Self.size(story))
    let keys = Catalogue((0..<100).map { (Array("P\(1000 + $0)".utf8), []) })
    #expect(try Self.size(story, keys) < Self.size(story))
  }

  @Test func `whether a prediction came true tells of the column that is given it`() throws {
    // Stopped exactly when the length is not the usual one.
    func size(given: String?) throws -> Int {
      try Self.size(
        Self.story(Self.columns(given: given)) { row in
          var cells = Self.programme(row)
          let isWhole = Self.noise[row] % 3 != 0
          if !isWhole { cells[2] = .integer(1) }
          cells[3] = Self.text(isWhole ? "completed" : "stopped")
          return cells
        }, Self.catalogue(100))
    }
    #expect(try size(given: "seconds") + 25 < size(given: nil))
  }

  @Test func `an attribute with values of several kinds keeps those of the first kind`() throws {
    let catalogue = Catalogue([
      (Array("a".utf8), [.null]), (Array("b".utf8), [.integer(5)]), (Array("c".utf8), [.text("5")]),
      (Array("d".utf8), [.integer(6)]),
    ])
    #expect(catalogue.kinds == [.integer])
    #expect(catalogue.attributes == [[Cell.null, 5, Cell.null, 6]])
  }
}
