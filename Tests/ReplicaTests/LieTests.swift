import Bundles
import Causality
import Records
import Testing

@testable import Replica

/// Bundles whose bytes are whole and whose content lies, as only a wrong program writes them: a
/// vector must never claim what is not held, and nothing may trap.
@Suite struct LieTests {
  let ground: Ground
  let sender: Site
  let reader: Site
  let dice = Seeded(10)

  init() throws {
    ground = try Ground()
    sender = try Site(on: ground, dice)
    reader = try Site(on: ground, place: Shelf.town, role: .hub, dice)
    for _ in 0..<12 { try sender.replica.visits(1, who: dice.text(300)) }
    for _ in 0..<3 { try sender.replica.note(dice.text(1600)) }
  }

  /// The bundle with its one delta changed.
  private func lie(_ parcel: Parcel, _ change: (inout Delta) -> Void) throws -> Parcel {
    let opened = try parcel.opened()
    var manifest = opened.manifest
    let pieces = zip(
      manifest.deltas[0].pieces.filter { $0.following > 0 }, opened.following)
    change(&manifest.deltas[0])
    let listed = manifest.deltas[0].pieces.filter { $0.following > 0 }
    return Parcel(
      manifest, listed.compactMap { piece in pieces.first { $0.0 == piece }?.1 })
  }

  private func log() throws -> Parcel {
    try Pieces.log(of: sender.replica, Shelf.log, bytesMax: 1600)
  }

  private func expectRefused(
    _ parcel: Parcel, _ codes: Set<String>, _ partition: PartitionID,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let before = try reader.replica.dump(partition)
    let vector = try reader.replica.vector(partition)
    let code = try #require(
      try reader.replica.take(parcel).codes[0], sourceLocation: sourceLocation)
    #expect(codes.contains(code), sourceLocation: sourceLocation)
    #expect(try reader.replica.dump(partition) == before, sourceLocation: sourceLocation)
    #expect(try reader.replica.vector(partition) == vector, sourceLocation: sourceLocation)
    // And the truth is still welcome.
    let site = try Site(copy: reader.snapshot(), on: ground, dice)
    #expect(
      try site.replica.pull([partition], from: sender.replica).isClean,
      sourceLocation: sourceLocation)
    #expect(
      try site.replica.dump(partition) == sender.replica.dump(partition),
      sourceLocation: sourceLocation)
  }

  @Test func `a log that does not lead where it says is refused whole`() throws {
    let parcel = try log()
    let target = try sender.replica.vector(Shelf.log).entries[0]
    let beyond = VersionVector(Dot(target.epoch, target.sequence + 1))
    try expectRefused(lie(parcel) { $0.target = beyond }, ["delta_malformed"], Shelf.log)
    try expectRefused(
      lie(parcel) { $0.pieces.removeLast() }, ["delta_malformed"], Shelf.log)
    try expectRefused(lie(parcel) { $0.pieces.removeFirst() }, ["gap"], Shelf.log)
    try expectRefused(lie(parcel) { $0.pieces.reverse() }, ["gap"], Shelf.log)
    try expectRefused(lie(parcel) { $0.births = [] }, ["gap"], Shelf.log)
    try expectRefused(
      lie(parcel) { $0.targetChains = [ChainValue(low: 1, high: 2)] }, ["fork"], Shelf.log)
    let elsewhere = VersionVector(Dot(Epoch(bits: 5), 3))
    try expectRefused(lie(parcel) { $0.target = elsewhere }, ["gap"], Shelf.log)
    try expectRefused(
      lie(parcel) {
        $0.base = elsewhere
        $0.baseChains = []
      }, ["gap"], Shelf.log)
  }

  @Test func `records that do not lead where they say are refused whole`() throws {
    let parcel = try Pieces.records(of: sender.replica, Shelf.work)
    let target = try sender.replica.vector(Shelf.work).entries[0]
    let less = VersionVector(Dot(target.epoch, target.sequence - 1))
    try expectRefused(lie(parcel) { $0.target = less }, ["delta_malformed"], Shelf.work)
    try expectRefused(lie(parcel) { $0.births = [] }, ["gap"], Shelf.work)
    let elsewhere = VersionVector(Dot(Epoch(bits: 5), 3))
    try expectRefused(lie(parcel) { $0.target = elsewhere }, ["gap"], Shelf.work)
  }

  @Test func `a record that was left out is found by the digest`() throws {
    let parcel = try Pieces.records(of: sender.replica, Shelf.work)
    try reader.replica.take(lie(parcel) { $0.pieces.removeLast() })
    #expect(try reader.replica.alarmCodes() == ["digest_mismatch"])
  }

  @Test func `pieces of one kind are not read as the other`() throws {
    let events = try log().opened()
    let records = try Pieces.records(of: sender.replica, Shelf.work).opened()
    var first = events.manifest
    first.deltas[0].pieces = records.manifest.deltas[0].pieces
    try expectRefused(Parcel(first, records.following), ["piece_malformed"], Shelf.log)
    var second = records.manifest
    second.deltas[0].pieces = events.manifest.deltas[0].pieces
    try expectRefused(Parcel(second, events.following), ["piece_malformed"], Shelf.work)
  }

  @Test func `a delta of another partition's epochs is refused`() throws {
    // The births of the log are known for the log only.
    #expect(try reader.replica.take(log()).isClean)
    let parcel = try Pieces.records(of: sender.replica, Shelf.work)
    let foreign = try sender.replica.vector(Shelf.log)
    try expectRefused(
      lie(parcel) {
        $0.base = foreign
        $0.baseChains = [0]
      }, ["gap"], Shelf.work)
    try expectRefused(
      lie(parcel) {
        $0.target = foreign
        $0.targetChains = [ChainValue(low: 0, high: 0)]
      }, ["gap"], Shelf.work)
    let births = try log().opened().manifest.deltas[0].births
    try expectRefused(lie(parcel) { $0.births += births }, ["fork"], Shelf.work)
  }

  @Test func `a catalogue that is not held is asked for, and the rest is merged`() throws {
    let catalogue = Catalogue([(key: Array("p1".utf8), attributes: [.text("x"), .integer(3)])])
    let parcel = try Parcel(
      from: sender.replica, [Shelf.log: .init(), Shelf.work: .init()], catalogue: catalogue)
    #expect(try reader.replica.take(parcel).codes == [nil, "catalogue_unknown"])
    #expect(try reader.replica.dump(Shelf.log).isEmpty)
    #expect(try reader.replica.dump(Shelf.work) == sender.replica.dump(Shelf.work))
    #expect(try reader.replica.take(parcel, catalogue: catalogue).isClean)
    #expect(try reader.replica.dump(Shelf.log) == sender.replica.dump(Shelf.log))
  }

  @Test func `collections that are declared otherwise are refused`() throws {
    let visit = EventCollection("visit", [Column("at", .text), Column("who", .text)])
    let note = EventCollection("note", [Column("at", .integer)])
    let meter = RecordCollection("meter", in: [.work], [Field("a", .latest)])
    let other = try Site(
      on: ground, dice, schema: Schema(records: [meter], events: [visit, note]))
    for (collection, cells) in [
      (visit, [EventCell.text("x"), .text("y")]), (note, [.integer(1)]),
    ] {
      let place = PartitionID(PlaceID(bits: UInt64(cells.count)), .log)
      try other.replica.write { _ = try $0.log(collection, in: place, cells) }
      #expect(
        try reader.replica.pull([place], from: other.replica).codes == ["delta_malformed"])
      #expect(try reader.replica.dump(place).isEmpty)
    }
    try other.replica.write { _ = try $0.create(meter, in: Shelf.work, [("a", .null)]) }
    #expect(
      try reader.replica.pull([Shelf.work], from: other.replica).codes == ["delta_malformed"])
  }
}
