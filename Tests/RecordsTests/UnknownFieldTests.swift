import Causality
import Records
import Testing

/// An old station between new ones loses nothing (P12): fields and values that nobody here
/// declared are merged, sent and counted like any other.
@Suite struct UnknownFieldTests {
  /// Copies number the fields they meet in their own way. Names travel.
  private static func digest(_ record: RecordState, names: [FieldID: String]) -> Digest {
    var digest = Digest()
    for state in record.fields {
      for sibling in state.siblings {
        digest.add(
          Canonical.item(
            collection: "未来的集合", id: record.id, field: names[state.field] ?? "?",
            sibling: sibling))
      }
    }
    return digest
  }

  private static func renumbered(
    _ record: RecordState, _ numbers: [FieldID: FieldID]
  ) -> RecordState {
    RecordState(
      id: record.id, vector: record.vector,
      fields: record.fields.map {
        FieldState(field: numbers[$0.field] ?? $0.field, siblings: $0.siblings)
      })
  }

  @Test func `copies that number fields differently agree by name`() throws {
    withEverySeed(0..<100) { random in
      let names = ["标题", "x", "时长", "deleted_by"]
      let (mine, theirs) = ([9, 7, 400_000, UInt32.max], [UInt32.max, 1, 2, 3])
      let myNames = Dictionary(uniqueKeysWithValues: zip(mine.map(FieldID.init), names))
      let theirNames = Dictionary(uniqueKeysWithValues: zip(theirs.map(FieldID.init), names))
      let toMine = Dictionary(
        uniqueKeysWithValues: zip(theirs.map(FieldID.init), mine.map(FieldID.init)))
      let toTheirs = Dictionary(uniqueKeysWithValues: toMine.map { ($0.value, $0.key) })

      var ancestry = Ancestry()
      let epochs = (0..<2).map { _ in Epoch(from: &random) }
      for epoch in epochs {
        try ancestry.insert(
          Birth(
            epoch: epoch, author: Author(place: PlaceID(bits: 1), role: .hub),
            parents: VersionVector()))
      }
      let id = Dot(epochs[0], 1)
      var (here, there) = (RecordState(id: id), RecordState(id: id))
      for sequence in UInt64(1)...6 {
        let time = HybridTime(bits: random.next())
        here.write(
          [(FieldID(random.pick(mine)), random.foreignValue())], at: Dot(epochs[0], sequence),
          time: time, in: ancestry)
        there.write(
          [(FieldID(random.pick(theirs)), random.foreignValue())], at: Dot(epochs[1], sequence),
          time: time, in: ancestry)
        if random.chance(30) {
          let sent = there.delta(beyond: here.vector, in: ancestry)
          if let sent { here.merge(Self.renumbered(sent, toMine), in: ancestry) }
        }
      }
      here.merge(Self.renumbered(there, toMine), in: ancestry)
      there.merge(Self.renumbered(here, toTheirs), in: ancestry)
      try demand(Self.renumbered(here, toTheirs) == there, "\(here)\n\(there)")
      try demand(
        Self.digest(here, names: myNames) == Self.digest(there, names: theirNames), "digests")
    }
  }

  @Test func `values of an unknown kind go round byte for byte`() throws {
    withEverySeed(0..<200) { random in
      let epoch = Epoch(from: &random)
      let field = FieldID(UInt32(truncatingIfNeeded: random.next()) | 1)
      let value = Value(bytes: [UInt8(4 + random.below(252))] + random.bytes(random.below(40)))
      var ancestry = Ancestry()
      try ancestry.insert(
        Birth(
          epoch: epoch, author: Author(place: PlaceID(bits: 1), role: .station),
          parents: VersionVector()))
      var record = RecordState(id: Dot(epoch, 1))
      record.write([(field, value)], at: record.id, time: HybridTime(bits: 5), in: ancestry)
      var relay = RecordState(id: record.id)
      if let delta = record.delta(beyond: VersionVector(), in: ancestry) {
        relay.merge(delta, in: ancestry)
      }
      var last = RecordState(id: record.id)
      if let delta = relay.delta(beyond: VersionVector(), in: ancestry) {
        last.merge(delta, in: ancestry)
      }
      try demand(last[field].first?.value.bytes == value.bytes, "\(value)")
      try demand(last == record, "\(last)\n\(record)")
      for rule in Rule.allCases {
        let shown = rule.resolve(last[field], role: { _ in .hub })
        try demand(shown?.value.bytes == value.bytes, "\(rule) shows \(value) as \(shown as Any)")
      }
    }
  }

  @Test func `a field that no collection declares reads by the latest`() {
    let collection = RecordCollection("plan_item", in: [.public], [Field("title", .keepAll)])
    let schema = Schema(records: [collection], events: [EventCollection("playback", [])])
    #expect(collection.rule(of: "title") == .keepAll)
    #expect(collection.rule(of: "later") == .latest)
    #expect(schema.record("plan_item") == collection)
    #expect(schema.record("later") == nil)
    #expect(schema.event("playback")?.index(of: "later") == nil)
    #expect(schema.event("plan_item") == nil)
  }
}
