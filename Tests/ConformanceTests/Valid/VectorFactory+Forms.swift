import Bundles
import Causality
import Records
import Replica
import Village

/// Bundles by their outer form: receipts, pieces, parts.
extension VectorFactory {
  static func forms() throws -> [Vector] {
    let (first, second) = try split()
    return [
      .valid(
        "receipts-only", "No delta; receipts of three partitions, one with a safe vector.",
        try receiptsOnly()),
      .valid(
        "split-first-part", "The first part of a split bundle: it leads as far as there was room.",
        first),
      .valid(
        "split-second-part", "The second part, and the last: it begins where the first leads.",
        second),
      .valid(
        "several-pieces-of-events", "Pieces within and behind the manifest, of one log.",
        try severalEventPieces(at: .usual)),
      .valid(
        "small-pieces-behind", "The same pieces, all behind the manifest though two are small.",
        try severalEventPieces(at: .behind)),
      .valid(
        "several-pieces-of-records",
        "Pieces of two partitions, one of them with other collections.",
        try severalRecordPieces()),
      .valid(
        "explicit-vectors",
        "Records whose vectors say more than their values: one leaf, and three.",
        try explicitVectors()),
    ]
  }

  private static func receiptsOnly() throws -> Telling {
    let world = try VectorWorld()
    let hub = try world.hub()
    let (one, two) = (Epoch(bits: 0x1111_0000_0000_0001), Epoch(bits: 0x0F00_0000_0000_0002))
    let both = VersionVector([.init(one, 300), .init(two, 1)])
    return try world.bundle(
      hub, to: VectorWorld.village, [],
      .init(
        receipts: [
          Receipt(partition: work, received: VersionVector(Dot(one, 3))),
          Receipt(partition: log, received: both, safe: VersionVector(Dot(one, 128))),
          Receipt(
            partition: PartitionID(VectorWorld.county, .public), received: VersionVector()),
        ], number: 300))
  }

  private static func split() throws -> (Telling, Telling) {
    let world = try VectorWorld()
    let station = try world.station()
    try play(day(40), at: station)
    let whole = try world.bundle(station, to: VectorWorld.town, [log])
    let first = try world.bundle(
      station, to: VectorWorld.town, [log],
      .init(number: 4, bytesMax: UInt64(whole.bytes.count) * 3 / 4))
    let target = first.manifest.deltas[0].target
    let all = try station.vector(log)
    try demand(first.manifest.hasMore && target != all, "a split log")
    var second = try world.bundle(
      station, to: VectorWorld.town, [log], .init(bases: [log: target], number: 5))
    second.manifest.part = 1
    second.bytes = BundleHead.serialized(second.manifest)
    return (first, second)
  }

  static func severalEventPieces(at place: BundleDraft.Place) throws -> Telling {
    var random = SplitMix64(seed: 9)
    let collection = EventCollection(
      "note", [Column("n", .integer), Column("said", .text), Column("about", .dot)])
    var history = LogHistory(log)
    let (first, second) = (Epoch(bits: 0x5050), Epoch(bits: 0x4040))
    var lists: [EventList] = []
    for (epoch, from, count) in [(first, 1, 3), (first, 4, 70), (second, 1, 2)] {
      if from == 1 { try history.begin(epoch) }
      let events = (from..<from + count).map { sequence in
        let text = (0..<30).map { _ in UInt8(0x61 + random.below(26)) }
        return EventList.Event(
          collection: 0, dot: Dot(epoch, UInt64(sequence)),
          cells: [
            .integer(Int64(random.below(1000))), Value(bytes: [2] + text),
            sequence > 1 ? .dot(Dot(first, UInt64(sequence - 1))) : .null,
          ])
      }
      let list = EventList([collection], events)
      for event in events { history.log(event, of: list) }
      lists.append(list)
    }
    var draft = BundleDraft()
    draft.add(history.delta, lists.map { .events($0) }, at: place)
    let isBehind = draft.manifest.deltas[0].pieces.map { $0.following > 0 }
    try demand(
      isBehind == (place == .behind ? [true, true, true] : [false, true, false]), "sizes")
    return draft.telling
  }

  // MARK: Records by hand

  static let now = HybridTime(milliseconds: VectorWorld.morning)
  static let author = Author(place: VectorWorld.village, role: .station)

  /// A record of its own dot with one value for each field of its layout.
  static func record(
    _ layout: Int, _ dot: Dot, _ values: [Value?], time: HybridTime = now
  ) -> WireRecord {
    WireRecord(
      layout: layout, id: dot, vector: VersionVector(dot),
      fields: values.enumerated().compactMap { name, value in
        value.map {
          .init(name: name, siblings: [Sibling(dot: dot, time: time, value: $0)])
        }
      })
  }

  static func layout(_ collection: String, _ fields: String...) -> RecordLayout {
    RecordLayout(
      collection: collection,
      fields: ([RecordLayout.deletion] + fields).map { RecordLayout.Field(name: $0) })
  }

  /// A bundle of pieces of one epoch of the station's `work`.
  static func bundle(
    of pieces: [RecordPiece], _ epoch: Epoch, _ last: UInt64, made seconds: UInt64? = nil
  ) -> Telling {
    var draft = BundleDraft()
    if let seconds { draft.manifest.made = seconds }
    let birth = Birth(epoch: epoch, author: author, parents: VersionVector())
    let delta = BundleDraft.delta(
      work, to: VersionVector(Dot(epoch, last)), births: [birth], pieces)
    draft.add(delta, pieces.map { .records($0) })
    return draft.telling
  }

  private static func severalRecordPieces() throws -> Telling {
    var random = SplitMix64(seed: 10)
    let epoch = Epoch(bits: 0x6060)
    let word = layout("word", "text", "count")
    let many = (1...60 as ClosedRange<UInt64>).map { number in
      let text = (0..<40).map { _ in UInt8(0x61 + random.below(26)) }
      return record(
        0, Dot(epoch, number), [nil, Value(bytes: [2] + text), .integer(Int64(number) * 3)])
    }
    let mixed = (61...64 as ClosedRange<UInt64>).map { number in
      record(
        Int(number % 2), Dot(epoch, number),
        [nil, .text("\(number)"), number == 63 ? .null : .integer(7)])
    }
    let pieces = [
      RecordPiece(layouts: [word], records: many),
      RecordPiece(layouts: [word, layout("phrase", "text", "words")], records: mixed),
    ]
    let telling = bundle(of: pieces, epoch, 64)
    let isBehind = telling.manifest.deltas[0].pieces.map { $0.following > 0 }
    try demand(isBehind == [true, false], "sizes")
    return telling
  }

  private static func explicitVectors() throws -> Telling {
    let epochs = [0x30, 0x10, 0x20].map { Epoch(bits: $0) }
    let id = { (number: UInt64) in Dot(epochs[0], number) }
    var records = (1...3).map { record(0, id($0), [nil, .integer(Int64($0))]) }
    records[1].vector = VersionVector(id(900))
    records[2].vector = VersionVector([
      .init(epochs[2], 7), .init(epochs[0], 3), .init(epochs[1], 1),
    ])
    let piece = RecordPiece(layouts: [layout("word", "count")], records: records)
    var draft = BundleDraft()
    let births = epochs.map { Birth(epoch: $0, author: author, parents: VersionVector()) }
    let target = VersionVector([
      .init(epochs[0], 900), .init(epochs[1], 1), .init(epochs[2], 7),
    ])
    draft.add(BundleDraft.delta(work, to: target, births: births, [piece]), [.records(piece)])
    return draft.telling
  }
}
