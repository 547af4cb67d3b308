import Causality
import Records
import Testing

@Suite struct CanonicalTests {
  @Test func `the bytes of a write are what the specification says`() {
    let bytes = Canonical.write(
      collection: "plan_item", id: Dot(Epoch(bits: 0xABCD_EF01_2345_6789), 1),
      time: HybridTime(milliseconds: 1_763_640_000_000, count: 7),
      values: [("title", .text("春耕")), ("minutes", .integer(45))])
    #expect(
      bytes
        == hex(
          """
          09 706c616e5f6974656d 8967452301efcdab 01 878080f0aba4a8cd01 02
          05 7469746c65 07 02e698a5e88095 07 6d696e75746573 02 015a
          """))
  }

  @Test func `the bytes of an item and of an epoch are what the specification says`() {
    let item = Canonical.item(
      collection: "plan_item", id: Dot(Epoch(bits: 5), 300), field: "title",
      sibling: Sibling(
        dot: Dot(Epoch(bits: 9), 1), time: HybridTime(bits: 77), value: .text("a")))
    #expect(
      item
        == hex(
          """
          09 706c616e5f6974656d 0500000000000000 ac02 05 7469746c65
          0900000000000000 01 4d 02 0261
          """))
    #expect(
      Canonical.epoch(Dot(Epoch(bits: 9), 2), chain: ChainValue(low: 1, high: UInt64.max))
        == hex("0900000000000000 02 0100000000000000 ffffffffffffffff"))
  }

  @Test func `the bytes of an event are what the specification says`() {
    let bytes = Canonical.event(
      collection: "playback",
      cells: [.integer(90), .text("二"), .null, .dot(Dot(Epoch(bits: 9), 1)), .null])
    #expect(
      bytes == hex("08 706c61796261636b c901 b401 03 e4ba8c 0900000000000000 01"))
  }

  @Test func `empty cells at the end leave no trace`() throws {
    withEverySeed(0..<300) { random in
      let cells = (0..<random.below(10)).map { _ in random.knownValue() }
      let bytes = Canonical.event(collection: "playback", cells: cells)
      let more = cells + Array(repeating: Value.null, count: 1 + random.below(20))
      try demand(Canonical.event(collection: "playback", cells: more) == bytes, "\(cells)")
    }
  }

  @Test func `an event is taken apart into the cells it was made of`() {
    withEverySeed(0..<1000) { random in
      let count = random.below(EventCollection.columnsMax + 1)
      var cells = (0..<count).map { _ in random.knownValue() }
      if random.chance(10) { cells.append(Value(bytes: [2, 0xFF, 0x00])) }
      while cells.count > EventCollection.columnsMax { cells.removeLast() }
      let collection = random.text()
      let event = try Canonical.parse(
        event: Canonical.event(collection: collection, cells: cells))
      while cells.last?.isNull == true { cells.removeLast() }
      try demand(Array(event.collection.utf8) == Array(collection.utf8), collection)
      try demand(event.cells == cells, "\(event.cells), not \(cells)")
    }
  }

  @Test func `no bytes trap, and an event has one form`() {
    withEverySeed(0..<300) { random in
      let cells = (0..<random.below(8)).map { _ in random.knownValue() }
      let event = Canonical.event(collection: random.text(), cells: cells)
      for _ in 0..<20 {
        var bytes = event
        switch random.below(3) {
        case 0: bytes = random.bytes(random.below(20))
        case 1: bytes = Array(bytes.prefix(random.below(bytes.count)))
        default: bytes[random.below(bytes.count)] ^= UInt8(1 << random.below(8))
        }
        guard let parsed = try? Canonical.parse(event: bytes) else { continue }
        let again = Canonical.event(collection: parsed.collection, cells: parsed.cells)
        try demand(again == bytes, "\(bytes) reads as \(parsed)")
      }
    }
  }

  @Test func `an event cut short or carried on is refused`() throws {
    let event = Canonical.event(
      collection: "playback", cells: [.integer(1000), .text("二"), .dot(Dot(Epoch(bits: 9), 300))])
    for length in event.indices {
      #expect(throws: ByteReader.Malformed()) {
        try Canonical.parse(event: Array(event[..<length]))
      }
    }
    #expect(throws: ByteReader.Malformed()) { try Canonical.parse(event: event + [0]) }
    #expect(throws: ByteReader.Malformed()) { try Canonical.parse(event: [1, 0xFF, 0]) }
  }

  @Test func `different writes have different bytes`() {
    withEverySeed(0..<100) { random in
      var seen: [[UInt8]: String] = [:]
      for _ in 0..<100 {
        let (collection, id) = (random.text(), random.dot())
        let time = HybridTime(bits: random.number())
        let values = (0..<random.below(3)).map { _ in (random.text(), random.knownValue()) }
        let told =
          "\(Array(collection.utf8)) \(id) \(time.bits) \(values.map { Array($0.0.utf8) }) "
        let bytes = Canonical.write(collection: collection, id: id, time: time, values: values)
        let all = told + "\(values.map { $0.1.bytes })"
        try demand(seen[bytes] ?? all == all, "\(all) and \(seen[bytes] ?? "") are one write")
        seen[bytes] = all
      }
    }
  }
}
