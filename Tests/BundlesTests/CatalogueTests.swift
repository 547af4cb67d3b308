import Records
import Testing

@testable import Bundles

/// Catalogues: one form, known by its identity.
@Suite struct CatalogueTests {
  private static func key(_ text: String) -> [UInt8] { Array(text.utf8) }

  private static let entries: [(key: [UInt8], attributes: [Value])] = [
    (key("P2"), [.text("second"), .integer(600)]), (key("P1"), [.text("first"), .integer(300)]),
    (key("P10"), [.text("P1"), .null]), (key(""), [.text("first"), .integer(-5)]),
  ]

  @Test func `a catalogue is read from its bytes as it was`() throws {
    withEverySeed(0..<100) { random in
      var source = RandomEvents(&random)
      let width = random.below(4)
      var entries: [(key: [UInt8], attributes: [Value])] = []
      for _ in 0..<random.below(20) {
        let attributes = (0..<width).map { _ in source.anyValue() }
        entries.append((random.bytes(random.below(5)), attributes))
      }
      let catalogue = Catalogue(entries)
      let read = try Catalogue(bytes: catalogue.bytes)
      try demand(read.identity == catalogue.identity, "another identity")
      try demand(read.bytes == catalogue.bytes, "other bytes")
      try demand(read.texts == catalogue.texts, "other texts")
      try demand(read.attributes == catalogue.attributes, "other attributes")
      try demand(read.kinds == catalogue.kinds, "other kinds")
      try demand(read.entries == Set(entries.map(\.key)).count, "\(read.entries) entries")
    }
  }

  @Test func `the order of entries and repeated keys make no difference`() {
    let catalogue = Catalogue(Self.entries)
    #expect(Catalogue(Self.entries.reversed()).bytes == catalogue.bytes)
    let repeated = Self.entries + [(Self.key("P1"), [.text("late"), .integer(1)])]
    #expect(Catalogue(repeated).identity == catalogue.identity)
    #expect(catalogue.entries == 4)
  }

  @Test func `keys come first among the texts in order of their bytes`() {
    let catalogue = Catalogue(Self.entries)
    let texts = (0..<catalogue.texts.count).map { Array(catalogue.texts[$0]) }
    #expect(texts == ["", "P1", "P10", "P2", "first", "second"].map(Self.key))
    // A title that is also a key has the number of the key.
    #expect(catalogue.attributes == [[4, 4, 1, 5], [-5, 300, Cell.null, 600]])
    #expect(catalogue.kinds == [.text, .integer])
  }

  @Test func `every change of content is another identity`() {
    var others: [[(key: [UInt8], attributes: [Value])]] = [
      [], Self.entries.dropLast(), Self.entries.map { ($0.key, [$0.attributes[0]]) },
      Self.entries.map { ($0.key, $0.attributes.reversed()) },
      Self.entries.map { ($0.key, []) }, Self.entries.map { ($0.key + [0], $0.attributes) },
    ]
    for index in Self.entries.indices {
      var entries = Self.entries
      entries[index].attributes[0] = .text("changed")
      others.append(entries)
    }
    let identities = Set(([Self.entries] + others).map { Catalogue($0).identity })
    #expect(identities.count == others.count + 1)
    // It is the hash of the bytes.
    let catalogue = Catalogue(Self.entries)
    #expect(catalogue.identity == ChainValue(hashing: catalogue.bytes).low)
  }

  @Test func `bytes that no catalogue has are refused`() throws {
    let whole = Catalogue(Self.entries).bytes
    for count in 0..<whole.count {
      #expect(throws: ByteReader.Malformed.self, "\(count) bytes") {
        try Catalogue(bytes: Array(whole.prefix(count)))
      }
    }
    for bytes in [
      whole + [0],  // something behind
      [0, 1],  // attributes of no entry
      [2, 0, 1, 0x61, 1, 0x61],  // a key twice
      [2, 0, 1, 0x62, 1, 0x61],  // keys out of order
      [0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0], [0x80, 0], [1, 0xFF, 0x7F, 1, 0x61],
    ] as [[UInt8]] {
      #expect(throws: ByteReader.Malformed.self, "\(bytes)") { try Catalogue(bytes: bytes) }
    }
    #expect(try Catalogue(bytes: [0, 0]).entries == 0)
    #expect(try Catalogue(bytes: [2, 0, 1, 0x61, 1, 0x62]).entries == 2)
  }

  @Test func `damaged bytes are refused or are another catalogue`() {
    let whole = Catalogue(Self.entries)
    withEverySeed(300..<1300) { random in
      let bytes = random.mutated(whole.bytes)
      guard let read = try? Catalogue(bytes: bytes) else { return }
      try demand(bytes == whole.bytes || read.identity != whole.identity, "\(bytes)")
      try demand(read.entries <= read.texts.count, "\(bytes)")
      for (kind, cells) in zip(read.kinds, read.attributes) {
        try demand(cells.count == read.entries, "\(bytes)")
        for cell in cells where kind == .text && cell != Cell.null {
          try demand((0..<Int64(read.texts.count)).contains(cell), "\(bytes)")
        }
      }
    }
  }
}

/// Texts by number.
@Suite struct TextInternerTests {
  @Test func `equal texts have equal numbers however many there are`() {
    withEverySeed(0..<20) { random in
      let catalogue =
        random.chance(50)
        ? Catalogue((0..<random.below(200)).map { (Array("\($0)".utf8), [Value]()) }) : nil
      var interner = TextInterner(catalogue: catalogue)
      var numbers: [[UInt8]: Int] = [:]
      for entry in 0..<(catalogue?.entries ?? 0) {
        numbers[Array(interner.texts[entry])] = entry
      }
      for _ in 0..<1000 {
        let text =
          random.chance(50)
          ? Array("\(random.below(500))".utf8) : random.bytes(random.below(4))
        let number = interner.index(of: text)
        try demand(number == numbers[text] ?? numbers.count, "\(text) is number \(number)")
        numbers[text] = number
      }
      try demand(interner.texts.count == numbers.count, "\(interner.texts.count) texts")
      for (text, number) in numbers {
        try demand(interner.texts[number].elementsEqual(text), "text \(number)")
      }
    }
  }

  @Test func `texts are told apart by all of their bytes`() {
    var interner = TextInterner()
    let texts: [[UInt8]] = [[], [0], [0, 0], [0, 1], [1, 0], Array(repeating: 7, count: 70_000)]
    let numbers = texts.map { interner.index(of: $0) }
    #expect(numbers == Array(0..<texts.count))
    #expect(interner.index(of: texts[5].dropLast()) == texts.count)
    #expect(texts.map { interner.index(of: $0) } == numbers)
  }

  @Test func `texts of a catalogue keep their numbers and are not carried again`() {
    let catalogue = Catalogue([(Array("a".utf8), [.text("title")])])
    var interner = TextInterner(catalogue: catalogue)
    #expect(interner.index(of: Array("title".utf8)) == 1)
    #expect(interner.index(of: Array("new".utf8)) == 2)
    #expect(interner.texts.own.count == 1)
    #expect(interner.texts.own[0].elementsEqual("new".utf8))
  }
}
