import Causality
import Records
import Village

/// Canonical bytes, chains and digests.
extension VectorFactory {
  static func canonicals() throws -> [Vector] {
    let epoch = Epoch(bits: 0x8877_6655_4433_2211)
    let wide = (0..<31).map { Value.integer(Int64($0) - 15) }
    let gaps = (0..<31).map { $0 == 30 ? Value.integer(1) : Value.null }
    return [
      canonical(
        "playback", "The first event of the example in Protocol/03.", "playback",
        [
          .text("P01"), .text("防范电信诈骗"), .null, .integer(start), .integer(600), .integer(23),
          .text("o1"), .text("日常播放"), .text("completed"), .null, .text("trusted"),
        ]),
      canonical(
        "empty-cells-at-the-end", "Empty cells at the end leave no trace.", "note",
        [.text("a"), .null, .integer(5), .null, .null]),
      canonical("no-cells", "An event of which every cell is empty.", "note", [.null, .null]),
      canonical(
        "empty-text", "An empty text is not an empty cell.", "note", [.text(""), .null, .text("")]),
      canonical(
        "numbers", "Integers at the ends of what a cell may hold.", "number",
        [0, -1, 1, 63, 64, -64, -65, Int64.max, Int64.min + 1].map { .integer($0) }),
      canonical(
        "dots", "Dots, of the lowest and the highest sequence.", "note",
        [.dot(Dot(epoch, 1)), .dot(Dot(Epoch(bits: 1), 2_147_483_647)), .dot(Dot(epoch, 300))]),
      canonical(
        "not-utf8", "A text that is not UTF-8.", "note", [Value(bytes: [2, 0xFF, 0x00, 0xC0])]),
      canonical("all-columns", "As many cells as there may be.", "wide", wide),
      canonical("last-column", "Only the last cell of the widest event.", "wide", gaps),
    ]
  }

  private static func canonical(
    _ name: String, _ about: String, _ collection: String, _ cells: [Value]
  ) -> Vector {
    let bytes = Canonical.event(collection: collection, cells: cells)
    return .example(
      .canonical, name, about,
      .object([
        ("hex", .text(hex(bytes))), ("collection", .text(collection)),
        ("cells", .list(cells.map(\.saying))),
      ]))
  }

  // MARK: Chains

  private static let hubEpoch = Epoch(bits: 0xA1A1_A1A1_A1A1_A1A1)
  private static let stationEpoch = Epoch(bits: 0xB2B2_B2B2_B2B2_B2B2)

  /// The writes to records of the example in Protocol/02.
  private static let writes: [[UInt8]] = {
    let time = { (count: UInt16) in HybridTime(milliseconds: VectorWorld.morning, count: count) }
    let first = Dot(hubEpoch, 1)
    let values: [(name: String, value: Value)] = [
      ("code", .text("P01")), ("title", .text("防范电信诈骗")), ("category", .text("法律法规")),
      ("seconds", .integer(600)),
    ]
    return [
      Canonical.write(collection: "programme", id: first, time: time(0), values: values),
      Canonical.write(
        collection: "programme", id: first, time: time(1), values: [("seconds", .integer(660))]),
      Canonical.write(
        collection: "programme", id: Dot(hubEpoch, 3), time: time(3), values: [("", .null)]),
    ]
  }()

  static func chains() throws -> [Vector] {
    let station = Author(place: VectorWorld.village, role: .station)
    let long = (0..<9).map { Array(repeating: UInt8($0), count: $0 * 13) }
    return [
      chain(
        "records", "Two writes and a deletion, as in Protocol/02.", townPublic,
        Birth(
          epoch: hubEpoch, author: Author(place: VectorWorld.town, role: .hub),
          parents: VersionVector()), [], writes),
      chain(
        "no-writes", "An epoch of a log that was born from three events of another.", log,
        Birth(
          epoch: Epoch(bits: 0xC3C3_C3C3_C3C3_C3C3), author: station,
          parents: VersionVector(Dot(stationEpoch, 3))), [parent], []),
      chain(
        "two-parents", "Two parents, of which the value of one is unknown, and odd lengths.", work,
        Birth(
          epoch: Epoch(bits: 1), author: station,
          parents: VersionVector([.init(stationEpoch, 300), .init(hubEpoch, 1)])),
        [ChainValue(low: 0, high: 0), parent], long),
    ]
  }

  private static let parent = ChainValue(hashing: Array("a parent".utf8))

  private static func chain(
    _ name: String, _ about: String, _ partition: PartitionID, _ birth: Birth,
    _ parents: [ChainValue], _ writes: [[UInt8]]
  ) -> Vector {
    var chain = Chain(partition: partition, birth: birth, parents: parents)
    var values = [chain.value]
    for write in writes {
      chain.absorb(write)
      values.append(chain.value)
    }
    return .example(
      .chain, name, about,
      .object([
        ("partition", .text("\(partition)")), ("epoch", .text("\(birth.epoch)")),
        ("place", .text("\(birth.author.place)")), ("role", .text("\(birth.author.role)")),
        (
          "parents",
          .list(
            zip(birth.parents.entries, parents).map { entry, value in
              .object([("dot", .text("\(entry.dot)")), ("value", .text(hex(value.inOrder)))])
            })
        ),
        ("writes", .texts(writes.map { hex($0) })),
        ("values", .texts(values.map { hex($0.inOrder) })),
      ]))
  }

  // MARK: Digests

  static func digests() throws -> [Vector] {
    let sibling = Sibling(
      dot: Dot(hubEpoch, 1), time: HybridTime(milliseconds: VectorWorld.morning),
      value: .text("P01"))
    let item = Canonical.item(
      collection: "programme", id: Dot(hubEpoch, 1), field: "code", sibling: sibling)
    let leaf = Canonical.epoch(Dot(stationEpoch, 3), chain: parent)
    return [
      digest("empty", "No items.", []),
      digest("one-record-value", "The first value of the example in Protocol/02.", [item]),
      digest("one-leaf", "A log of one leaf.", [leaf]),
      digest("many", "Sums that go round.", (0..<40).map { Array(item.dropLast($0 % 7)) } + [leaf]),
    ]
  }

  private static func digest(_ name: String, _ about: String, _ items: [[UInt8]]) -> Vector {
    var digest = Digest()
    for item in items { digest.add(item) }
    return .example(
      .digest, name, about,
      .object([
        ("items", .texts(items.map { hex($0) })), ("low", .text(hex(number: digest.low))),
        ("high", .text(hex(number: digest.high))),
      ]))
  }
}

extension ChainValue {
  /// The sixteen bytes, as they stand in a SHA-256.
  var inOrder: [UInt8] {
    var writer = ByteWriter()
    writer.fixed(low)
    writer.fixed(high)
    return writer.bytes
  }
}
