import Bundles
import Causality
import Records
import Replica
import Village

/// Numbers of every length, and manifests at their limits.
extension VectorFactory {
  /// Zero, and for each length in bits the least and the greatest number.
  private static let lengths: [UInt64] =
    [0] + (1...64).flatMap { [UInt64(1) << ($0 - 1), UInt64.max >> (64 - $0)] }

  /// The same with both signs, as far as 64 bits with a sign go, except the very least.
  private static let signed: [Int64] = lengths.flatMap { number -> [Int64] in
    number <= UInt64(Int64.max) ? [Int64(number), -Int64(number)] : []
  }

  static func numbers() throws -> [Vector] {
    [
      .valid(
        "numbers-in-events", "Integers of every length and sign, bare and after others.",
        try numbersInEvents()),
      .valid(
        "numbers-in-records", "The same as values of records, with the least there is, and again.",
        numbersInRecords()),
      .valid(
        "highest-dots", "Sequences up to the highest, as dots of writes, in values and in cells.",
        highestDots()),
    ]
  }

  private static func numbersInEvents() throws -> Telling {
    let collection = EventCollection(
      "number",
      [
        Column("bare", .integer), Column("after", .integer, .after(["after", "bare"])),
        Column("previous", .integer, .previous),
      ])
    let world = try VectorWorld()
    let station = try world.station(schema: Schema(records: [], events: [collection]))
    try station.write { store in
      for (index, number) in signed.enumerated() {
        let cells = [number, signed[index * 7 % signed.count], signed[index / 2]]
        _ = try store.log(collection, in: log, cells.map { .integer($0) })
      }
    }
    return try world.bundle(station, to: VectorWorld.town, [log])
  }

  private static func numbersInRecords() -> Telling {
    let epoch = Epoch(bits: 0xB0B0)
    let numbers = [Int64.min, 0, Int64.min, Int64.max, Int64.min] + signed + signed.prefix(70)
    let records = numbers.enumerated().map { index, number in
      record(0, Dot(epoch, UInt64(index + 1)), [nil, .integer(number)])
    }
    return bundle(
      of: [RecordPiece(layouts: [layout("word", "value")], records: records)], epoch,
      UInt64(numbers.count))
  }

  private static func highestDots() -> Telling {
    let top = Limits.sequenceMax
    let epochs = [0xFFFF_FFFF_FFFF_FFFF, 1].map { Epoch(bits: $0) }
    let dots = [
      Dot(epochs[0], top), Dot(epochs[0], 1), Dot(epochs[1], top), Dot(epochs[0], top - 1),
    ]
    var piece = RecordPiece(
      layouts: [layout("word", "value")],
      records: dots.enumerated().map { index, dot in
        record(0, dot, [nil, .dot(dots[(index + 1) % 4])], time: HybridTime(bits: UInt64(index)))
      })
    piece = RecordPiece(
      layouts: piece.layouts,
      records: piece.records + [record(0, Dot(epochs[1], 5), [nil, .dot(Dot(epochs[1], top + 1))])])
    let births = epochs.map { Birth(epoch: $0, author: author, parents: VersionVector()) }
    let target = VersionVector(epochs.map { VersionVector.Entry($0, top) })
    var draft = BundleDraft()
    draft.add(BundleDraft.delta(work, to: target, births: births, [piece]), [.records(piece)])
    let collection = EventCollection("number", [Column("dot", .dot)])
    let events = (0..<4 as Range<UInt64>).map { step in
      EventList.Event(
        collection: 0, dot: Dot(epochs[1], top - 3 + step), cells: [.dot(dots[Int(step)])])
    }
    let tail = Delta(
      partition: log, base: VersionVector(Dot(epochs[1], top - 4)),
      target: VersionVector(Dot(epochs[1], top)), targetChains: [ChainValue(low: 1, high: 2)])
    draft.add(tail, [.events(EventList([collection], events))])
    return draft.telling
  }

  // MARK: Manifests

  static func manifests() throws -> [Vector] {
    [
      .valid(
        "manifest-at-its-limits",
        "The highest number, time, part and vector, and odd chain values.",
        highestManifest()),
      .valid(
        "idle-manifest", "Places and epochs that nothing names, and a delta without pieces.",
        try handWritten { wire in
          wire.fixeds(5, [3, 4])
          wire.fixeds(6, [9, 8, 7])
          wire.block(7) { $0.varint(1, UInt64(Section.work.rawValue)) }
        }),
      .valid(
        "unknown-protobuf-fields", "Fields of a later version in each message, of each wire type.",
        try handWritten { wire in
          wire.fixeds(6, [9])
          wire.unknown()
          wire.block(8) { receipt in
            receipt.varint(1, UInt64(Section.log.rawValue))
            receipt.numbers(2, [0, 5])
            receipt.unknown()
          }
          wire.block(7) { delta in
            delta.varint(1, UInt64(Section.work.rawValue))
            delta.unknown()
          }
        }),
    ]
  }

  private static func highestManifest() -> Telling {
    var draft = BundleDraft()
    draft.manifest.number = Limits.numberMax
    draft.manifest.made = Limits.madeMax
    draft.manifest.part = UInt32.max
    draft.manifest.catalogueLacking = UInt64.max
    draft.manifest.believed = UInt32.max
    let epochs = (0..<20).map { Epoch(bits: UInt64.max - UInt64($0) &* 0x0101_0101_0101_0101) }
    let vector = VersionVector(epochs.map { VersionVector.Entry($0, Limits.sequenceMax) })
    draft.manifest.receipts = Section.allCases.map { section in
      Receipt(partition: PartitionID(VectorWorld.town, section), received: vector, safe: vector)
    }
    var delta = Delta(partition: work, base: vector, target: vector, digest: UInt64.max)
    delta.baseChains = vector.entries.indices.map { UInt64.max - UInt64($0) }
    delta.targetChains = vector.entries.indices.map { ChainValue(low: UInt64($0), high: 0) }
    draft.add(delta, [])
    return draft.telling
  }

  /// A bundle whose manifest is written by hand, from the town to the village.
  private static func handWritten(_ body: (inout Wire) -> Void) throws -> Telling {
    try BundleReading.read(Wire.bundle(body), catalogue: nil)
  }
}
