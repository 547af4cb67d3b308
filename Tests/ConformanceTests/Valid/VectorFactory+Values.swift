import Bundles
import Causality
import Records
import Replica
import Village

/// Values of every kind that there is or might once be.
extension VectorFactory {
  private static let dates = [
    "2026-03-01", "2026-03-02", "2024-02-29", "0001-01-01", "9999-12-31", "1969-12-31",
    "1970-01-01", "1900-02-28", "2000-02-29", "2026-03-01",
  ]

  private static let nearlyDates = [
    "2026-02-30", "2026-2-3", "2023-02-29", "0000-01-01", "2026-13-01", "2026-00-10",
    "2026-01-00", "2026-01-32", "2026/01/01", "2026-01-1x", "+026-01-01", "-026-01-01",
    "12026-01-01", "1900-02-29", "２026-0", "2026-01-01 ", " 2026-01-0", "2026-01-01\n",
  ]

  /// Of no kind that is known, or of a known one in a form that nobody writes.
  private static let odd: [[UInt8]] = [
    [], [0, 0], [1], [1, 0x80], [1, 0x80, 0], [1, 2, 3],
    [1] + Array(repeating: 0xFF, count: 9) + [2], [3], [3, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    [3, 1, 0, 0, 0, 0, 0, 0, 0, 0], [3, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1], [4], [4, 1, 2, 3],
    [0x7F, 0, 0xFF], [0xFF, 0xFF],
  ]

  /// Texts whose bytes are not UTF-8, or are so only just.
  private static let broken: [[UInt8]] = [
    [0xFF, 0xFE], [0xC0, 0x80], [0xE4, 0xBD], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80],
    [0x61, 0xE4, 0x62], [0xF0, 0x9F, 0x8E, 0xAC], [0xEF, 0xBF, 0xBD], [0xEF, 0xBB, 0xBF], [0], [],
    [0x22, 0x5C, 0x0A, 0x7F, 0x1B], [0xE2, 0x80, 0xA8],
  ]

  private static func texts(_ bytes: [[UInt8]]) -> [Value] { bytes.map { Value(bytes: [2] + $0) } }

  static func values() throws -> [Vector] {
    [
      .valid(
        "unknown-fields-and-values",
        "Fields and a collection that the reader does not know, with values of no known kind.",
        try unknownFields()),
      .valid(
        "dates-and-nearly-dates", "Texts that are dates, and texts that only look so.",
        listed((dates + nearlyDates + dates).map { .text($0) })),
      .valid(
        "texts-not-utf8", "Texts of records whose bytes are not UTF-8, or just are.",
        listed(texts(broken) + texts(broken.reversed()))),
      .valid(
        "cells-not-utf8", "The same as cells of events, in two columns.", try brokenCells()),
      .valid(
        "followed-values", "Values that follow another field's, of which one is too long to lead.",
        followed()),
      .valid(
        "odd-times", "Times at both ends, equal and falling, by a writer whose clock says 1970.",
        oddTimes()),
    ]
  }

  /// One record for each value.
  private static func listed(_ values: [Value]) -> Telling {
    let epoch = Epoch(bits: 0x7070)
    let records = values.enumerated().map { index, value in
      record(0, Dot(epoch, UInt64(index + 1)), [nil, value])
    }
    return bundle(
      of: [RecordPiece(layouts: [layout("word", "value")], records: records)], epoch,
      UInt64(values.count))
  }

  private static func unknownFields() throws -> Telling {
    let world = try VectorWorld()
    let station = try world.station()
    let weather = RecordCollection("weather", in: [.work], [])
    try station.write { store in
      let plan = try store.create(
        Village.plan, in: work,
        [("kind", .text("week")), ("period", .text("2026-W10")), ("colour", .integer(7))])
      try store.update(
        Village.plan, plan, in: work, odd.enumerated().map { ("odd_\($0)", Value(bytes: $1)) })
      for (index, bytes) in odd.enumerated() {
        _ = try store.create(
          weather, in: work,
          [
            ("sky", Value(bytes: bytes)), ("sun", .integer(Int64(index))),
            ("seen", .dot(Dot(plan.epoch, UInt64(index + 1) << 30))),
          ])
      }
      _ = try store.create(weather, in: work, [("rain", .text("0 mm"))])
    }
    return try world.bundle(station, to: VectorWorld.town, [work])
  }

  private static func brokenCells() throws -> Telling {
    let collection = EventCollection(
      "note", [Column("said", .text, .previous), Column("heard", .text, given: "said")])
    var history = LogHistory(log)
    let epoch = Epoch(bits: 0x8080)
    try history.begin(epoch)
    let all = texts(broken)
    let events = (0..<2 * all.count).map { row in
      EventList.Event(
        collection: 0, dot: Dot(epoch, UInt64(row + 1)),
        cells: [all[row / 2], row % 5 == 3 ? .null : all[(row * 3 + 1) % all.count]])
    }
    let list = EventList([collection], events)
    for event in events { history.log(event, of: list) }
    var draft = BundleDraft()
    draft.add(history.delta, [.events(list)])
    return draft.telling
  }

  private static func followed() -> Telling {
    let epoch = Epoch(bits: 0x9090)
    let fields: [RecordLayout.Field] = [
      .init(name: ""), .init(name: "code"), .init(name: "title", follows: 1),
      .init(name: "length", follows: 1), .init(name: "again", follows: 2),
    ]
    let leads: [Value] = [
      .text("a"), .text("b"), .text(String(repeating: "l", count: 63)),
      .text(String(repeating: "m", count: 64)), .integer(5), Value(bytes: [5]), .null,
    ]
    let records = (0..<28).map { index -> WireRecord in
      let lead = leads[index * 3 % leads.count]
      let title = Value.text("title \(index * 3 % leads.count % 4)")
      return record(
        0, Dot(epoch, UInt64(index + 1)),
        [
          nil, index % 9 == 8 ? nil : lead, index == 12 ? .text("other") : title,
          .integer(Int64(index * 3 % leads.count)), title,
        ])
    }
    let collection = RecordLayout(collection: "word", fields: fields)
    return bundle(of: [RecordPiece(layouts: [collection], records: records)], epoch, 28)
  }

  private static func oddTimes() -> Telling {
    let epoch = Epoch(bits: 0xA0A0)
    let bits: [UInt64] = [
      0, 1, 0xFFFF, 0x1_0000, 0x1_0001, UInt64.max, UInt64.max - 1, UInt64.max - 0xFFFF, 0,
      now.bits, now.bits + 1, now.bits + 2, now.bits + 1, now.bits + 0xFFFF, now.bits,
    ]
    let records = bits.enumerated().map { index, bits in
      record(
        0, Dot(epoch, UInt64(index + 1)), [nil, .integer(1)], time: HybridTime(bits: bits))
    }
    return bundle(
      of: [RecordPiece(layouts: [layout("word", "value")], records: records)], epoch,
      UInt64(bits.count), made: 0)
  }
}
