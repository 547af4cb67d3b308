import Causality
import Records
import Testing

@testable import Bundles

/// Pieces of records arrive as they were, down to the bytes of values that nobody here knows.
@Suite struct RecordPieceTests {
  private static func travelled(
    _ piece: RecordPiece, made: UInt64 = 1_780_000_000
  ) throws -> RecordPiece {
    var manifest = emptyManifest()
    manifest.made = made
    let codec = BundleCodec()
    let bytes = codec.encode(piece, into: &manifest)
    let read = try BundleHead(parsing: BundleHead.serialized(manifest)).manifest
    return try codec.records(bytes, of: read)
  }

  private static func check(_ piece: RecordPiece, made: UInt64 = 1_780_000_000) throws {
    let read = try travelled(piece, made: made)
    try demand(read.layouts == piece.layouts, "\(read.layouts)")
    for (one, other) in zip(read.records, piece.records) {
      try demand(one == other, "wrote \(other)\nread \(one)")
    }
    try demand(read == piece, "\(read.records.count) records")
  }

  private static let epoch = Epoch(bits: 0xABCD)
  private static let now = HybridTime(milliseconds: 1_780_000_000_000)

  /// A record of one field for each value; every value has the same dot.
  private static func piece(_ values: [Value], follows: Int? = nil) -> RecordPiece {
    let layout = RecordLayout(
      collection: "x", fields: [.init(name: "lead"), .init(name: "v", follows: follows)])
    return RecordPiece(
      layouts: [layout],
      records: values.enumerated().map { index, value in
        let dot = Dot(epoch, UInt64(index + 1))
        return WireRecord(
          layout: 0, id: dot, vector: VersionVector(dot),
          fields: [.init(name: 1, siblings: [Sibling(dot: dot, time: now, value: value)])])
      })
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `random records arrive as they were`(part: UInt64) {
    withEverySeed(part * 50..<part * 50 + 50) { random in
      var source = RandomRecords(&random)
      let piece = source.piece(records: 1 + random.below(random.chance(15) ? 80 : 20))
      try Self.check(piece, made: random.pick([0, 1_780_000_000, Limits.madeMax]))
    }
  }

  @Test func `dates, what looks like dates and odd bytes arrive as they were`() throws {
    let texts = RandomRecords.dates + RandomRecords.almostDates
    let values = texts.map { Value.text($0) } + RandomRecords.oddBytes.map { Value(bytes: $0) }
    try Self.check(Self.piece(values))
    try Self.check(Self.piece(values.reversed() + values))
  }

  @Test func `a date costs less than a text`() throws {
    func size(_ values: [Value]) -> Int {
      var manifest = emptyManifest()
      return BundleCodec().encode(Self.piece(values), into: &manifest).count
    }
    let days = (0..<300).map {
      Value.text("20\(10 + $0 / 12 % 20)-\(10 + $0 % 3)-\(10 + $0 * 7 % 18)")
    }
    let almost = days.map {
      Value(bytes: [2] + $0.bytes.dropFirst().map { $0 == 0x2D ? 0x2F : $0 })
    }
    #expect(2 * size(days) < size(almost))
  }

  @Test func `values as long as allowed arrive as they were`() throws {
    let long = (0..<Limits.textBytesMax).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 2) }
    try Self.check(
      Self.piece([
        Value(bytes: [2] + long), .null, Value(bytes: [9] + long.dropFirst()),
        Value(bytes: [2] + long), Value(bytes: [2]),
      ]))
  }

  @Test func `as many siblings as a field may have arrive in order`() throws {
    let siblings = (1...UInt64(Limits.siblingsMax)).map {
      Sibling(dot: Dot(Self.epoch, $0), time: Self.now, value: .integer(Int64($0 % 5)))
    }
    let record = WireRecord(
      layout: 0, id: Dot(Self.epoch, 1),
      vector: VersionVector(Dot(Self.epoch, UInt64(Limits.siblingsMax))),
      fields: [.init(name: 0, siblings: siblings)])
    let layout = RecordLayout(collection: "x", fields: [.init(name: "f")])
    try Self.check(RecordPiece(layouts: [layout], records: [record]))
  }

  @Test func `a value that follows another is free once it was seen`() throws {
    let layout = { (follows: Int?) in
      RecordLayout(collection: "x", fields: [.init(name: "p"), .init(name: "t", follows: follows)])
    }
    var random = SplitMix64(seed: 99)
    let picks = (0..<400).map { _ in random.below(20) }
    func piece(_ follows: Int?) -> RecordPiece {
      RecordPiece(
        layouts: [layout(follows)],
        records: picks.enumerated().map { index, pick in
          let dot = Dot(Self.epoch, UInt64(index + 1))
          let values = [Value.integer(Int64(pick)), .text("title \(pick)")]
          return WireRecord(
            layout: 0, id: dot, vector: VersionVector(dot),
            fields: values.enumerated().map { name, value in
              .init(name: name, siblings: [Sibling(dot: dot, time: Self.now, value: value)])
            })
        })
    }
    func size(_ piece: RecordPiece) throws -> Int {
      try Self.check(piece)
      var manifest = emptyManifest()
      return BundleCodec().encode(piece, into: &manifest).count
    }
    // Without, each title costs its number among twenty.
    #expect(try size(piece(0)) + 400 * 3 / 8 < size(piece(nil)))
  }

  @Test func `a long value foretells nothing and its follower still arrives`() throws {
    let long = Value(bytes: [2] + Array(repeating: 0x61, count: 3000))
    let layout = RecordLayout(
      collection: "x", fields: [.init(name: "p"), .init(name: "t", follows: 0)])
    let records = (1...6 as ClosedRange<UInt64>).map { number in
      let dot = Dot(Self.epoch, number)
      let values = [number % 2 == 0 ? long : .null, Value.integer(Int64(number % 2))]
      return WireRecord(
        layout: 0, id: dot, vector: VersionVector(dot),
        fields: values.enumerated().map { name, value in
          .init(name: name, siblings: [Sibling(dot: dot, time: Self.now, value: value)])
        })
    }
    try Self.check(RecordPiece(layouts: [layout], records: records))
  }

  @Test func `a text that is named often takes memory once`() throws {
    let texts = ["a", "b"].map {
      Value(bytes: [2] + Array(repeating: Array($0.utf8)[0], count: 500))
    }
    let read = try Self.travelled(Self.piece((0..<40).map { texts[$0 % 2] }))
    let addresses = read.records.map { record in
      record.fields[0].siblings[0].value.bytes.withUnsafeBufferPointer { $0.baseAddress }
    }
    #expect(Set(addresses).count == 2)
  }

  @Test func `the epochs of records, vectors and values are added to the manifest's`() throws {
    withEverySeed(700..<720) { random in
      var source = RandomRecords(&random)
      let piece = source.piece(records: 10)
      var manifest = emptyManifest()
      _ = manifest.epochs.index(of: Epoch(bits: 42))
      _ = BundleCodec().encode(piece, into: &manifest)
      let named = Set(piece.records.flatMap { $0.vector.entries.map(\.epoch) })
      try demand(named.isSubset(of: manifest.epochs.list), "an epoch is missing")
      try demand(manifest.epochs.list.first == Epoch(bits: 42), "indices moved")
      try demand(Set(manifest.epochs.list).count == manifest.epochs.list.count, "one twice")
    }
  }
}

/// Dates as texts of one form.
@Suite struct CalendarTextTests {
  @Test func `every day of four centuries becomes a text and comes back`() throws {
    var day: Int64 = -135_140  // 1600-01-01
    for year in 1600..<2000 {
      for month in 1...12 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let length = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        for date in [1, 2, length - 1, length] {
          let count = day + Int64(date - 1)
          let text = CalendarText.text(day: count)
          let two = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
          try demand(text == Array("\(year)-\(two(month))-\(two(date))".utf8), "\(count)")
          try demand(CalendarText.day(text[...]) == count, "\(count)")
        }
        day += Int64(length)
      }
    }
  }

  @Test func `the first and the last day are those of the years 1 and 9999`() {
    #expect(CalendarText.text(day: CalendarText.range.lowerBound) == Array("0001-01-01".utf8))
    #expect(CalendarText.text(day: CalendarText.range.upperBound) == Array("9999-12-31".utf8))
    #expect(CalendarText.text(day: 0) == Array("1970-01-01".utf8))
  }

  @Test func `what is not exactly of the form is not a date`() {
    for text in RandomRecords.almostDates {
      #expect(CalendarText.day(Array(text.utf8)[...]) == nil)
    }
    for text in RandomRecords.dates { #expect(CalendarText.day(Array(text.utf8)[...]) != nil) }
  }
}
