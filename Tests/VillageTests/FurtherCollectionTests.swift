import Causality
import Records
import Replica
import Testing
import Wording

@testable import Village

/// The example of docs/collections.md: a later version has collections that this one has not.
@Suite struct FurtherCollectionTests {
  private static let fault = RecordCollection(
    "fault", in: [.urgent],
    [
      Field("device", .authority), Field("since", .minimum), Field("status", .authority),
      Field("note", .latest),
    ])
  private static let visit = EventCollection(
    "visit", [Column("at", .integer, .after(["at"])), Column("by", .text, .previous)])
  private static let later = Schema(
    records: Village.schema.records + [fault], events: Village.schema.events + [visit])

  @Test func `an old hub keeps and forwards it, and reads it after its own upgrade`() throws {
    let world = try World()
    let code = try #require(PlaceCode(World.village))
    let invitation = try world.hub.write { try Membership.invite($0, code: code, name: "三岗村") }
    let station = try world.replica("new", code, .station, Self.later)
    let again = try world.replica("newer", code, .station, Self.later)
    try station.write { try Membership.join($0, invitation) }
    let urgent = PartitionID(code.foundingID, .urgent)
    let log = PartitionID(code.foundingID, .log)

    let fault = try station.write { store in
      _ = try store.log(Self.visit, in: log, [.integer(7), .text("侯勇")])
      return try store.create(
        Self.fault, in: urgent, [("device", .text("功放")), ("since", .integer(1_767_225_600))])
    }
    try world.hub.write {
      _ = try PlaybackBook.add(
        [("programme", "P1"), ("started_at", "2026-03-01T09:00")], for: try Places.find($0, "三岗村"),
        $0)
    }
    try world.sync(station)
    try world.carry(from: world.hub, to: again, [urgent, log])
    #expect(try again.read { try $0.records(Self.fault, in: urgent) }.map(\.id) == [fault])
    let dump = try world.hub.dump()

    // The hub's own upgrade.
    try world.hub.close()
    let upgraded = try world.reopenHub(Self.later)
    #expect(try upgraded.dump() == dump)
    #expect(try upgraded.read { try $0.records(Self.fault, in: urgent) }[0].text("device") == "功放")
    var visits: [String?] = []
    try upgraded.read { store in
      try store.forEachEvent(Self.visit, in: log) { visits.append($0.text(1)) }
    }
    #expect(visits == ["侯勇"])
    #expect(try upgraded.read { try $0.complaints(urgent) + $0.complaints(log) }.isEmpty)
    // And what it writes from now on reaches the station as any other edit.
    try upgraded.write { try $0.update(Self.fault, fault, in: urgent, [("status", .text("修好"))]) }
    try world.carry(from: upgraded, to: station, [urgent])
    #expect(try station.read { try $0.records(Self.fault, in: urgent) }[0].text("status") == "修好")
  }

  @Test func `an older version does not open what a newer one wrote`() throws {
    let world = try World()
    try world.hub.close()
    try world.reopenHub(Self.later).close()
    #expect(throws: ReplicaError(.newerSchema, "")) { try world.reopenHub(Village.schema) }
  }
}
