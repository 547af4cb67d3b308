import Causality
import Records
import Testing

/// What travels: state beyond a vector, field by field.
@Suite struct DeltaTests {
  private static let (title, room) = (FieldID(1), FieldID(2))

  @Test func `a field that a delta does not list is untouched`() throws {
    var stations = Stations(2)
    try stations.write(0, [Self.title, Self.room])
    try stations.merge(stations.everything(of: 0), at: 1)
    let room = try #require(stations[1].records.first)[Self.room]
    try stations.write(0, [Self.title])
    let delta = stations.delta(from: 0, to: 1)
    #expect(delta.records.map { $0.fields.map(\.field) } == [[Self.title]])
    try stations.merge(delta, at: 1)
    #expect(stations[1].records.first?[Self.room] == room)
    #expect(stations[1].records == stations[0].records)
  }

  @Test func `a field is sent with its whole sibling set`() throws {
    var stations = Stations(3)
    try stations.write(0, [Self.title])
    for at in 1...2 { try stations.merge(stations.everything(of: 0), at: at) }
    for at in 1...2 { try stations.write(at, [Self.title]) }
    try stations.merge(stations.delta(from: 1, to: 0), at: 0)
    // Station 0 knows one of the two siblings; without it in the delta it would be dropped.
    try stations.merge(stations.delta(from: 1, to: 2), at: 2)
    let delta = stations.delta(from: 2, to: 0)
    #expect(delta.records.first?[Self.title].count == 2)
    try stations.merge(delta, at: 0)
    #expect(stations[0].records.first?[Self.title].count == 2)
  }

  @Test func `a field edited a hundred times is sent once, and with the record's vector`() throws {
    let dot = Dot(Epoch(bits: 4), 1)
    var ancestry = Ancestry()
    try ancestry.insert(
      Birth(
        epoch: dot.epoch, author: Author(place: PlaceID(bits: 1), role: .hub),
        parents: VersionVector()))
    var record = RecordState(id: dot)
    for sequence in UInt64(1)...100 {
      record.write(
        [(Self.title, .integer(Int64(sequence)))], at: Dot(dot.epoch, sequence),
        time: HybridTime(bits: sequence), in: ancestry)
    }
    let delta = try #require(record.delta(beyond: VersionVector(dot), in: ancestry))
    #expect(delta == record)
    #expect(delta[Self.title].map(\.value) == [.integer(100)])
    #expect(delta.vector == VersionVector(Dot(dot.epoch, 100)))
    #expect(record.delta(beyond: VersionVector(Dot(dot.epoch, 100)), in: ancestry) == nil)
  }

  @Test func `who has seen everything is sent nothing`() throws {
    var stations = Stations(2)
    try stations.write(0, [Self.title, Self.room])
    stations.reopen(0)
    try stations.write(0, [Self.room])
    try stations.merge(stations.everything(of: 0), at: 1)
    let delta = stations.delta(from: 0, to: 1)
    #expect(delta.records.isEmpty)
    #expect(delta.births.isEmpty)
  }

  @Test func `edits to different fields both stand, edits to one field stand as siblings`() throws {
    var stations = Stations(2)
    try stations.write(0, [Self.title, Self.room])
    try stations.merge(stations.everything(of: 0), at: 1)
    try stations.write(0, [Self.title])
    try stations.write(1, [Self.room])
    let (mine, theirs) = (stations.delta(from: 0, to: 1), stations.delta(from: 1, to: 0))
    try stations.merge(mine, at: 1)
    try stations.merge(theirs, at: 0)
    #expect(stations[0].records == stations[1].records)
    #expect(stations[0].records.first?.fields.map(\.siblings.count) == [1, 1])

    for at in 0...1 { try stations.write(at, [Self.title]) }
    try stations.merge(stations.delta(from: 0, to: 1), at: 1)
    #expect(stations[1].records.first?[Self.title].count == 2)
    #expect(stations[1].records.first?[Self.room].count == 1)
  }

  @Test func `writing replaces the siblings of the fields written and of no other`() throws {
    var stations = Stations(2)
    try stations.write(0, [Self.title, Self.room])
    try stations.merge(stations.everything(of: 0), at: 1)
    for at in 0...1 { try stations.write(at, [Self.title, Self.room]) }
    try stations.merge(stations.delta(from: 0, to: 1), at: 1)
    #expect(stations[1].records.first?.fields.map(\.siblings.count) == [2, 2])
    try stations.write(1, [Self.room])
    #expect(stations[1].records.first?.fields.map(\.siblings.count) == [2, 1])
    try stations[1].check()
  }

  @Test func `states with one record's name and another's cannot be merged`() async {
    await #expect(processExitsWith: .failure) {
      var record = RecordState(id: Dot(Epoch(bits: 1), 1))
      record.merge(RecordState(id: Dot(Epoch(bits: 1), 2)), in: Ancestry())
    }
  }
}
