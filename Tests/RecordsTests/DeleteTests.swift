import Causality
import Records
import Testing

/// A deleted record never returns (P10), and what was written meanwhile is not lost in silence.
@Suite struct DeleteTests {
  private static let (title, room) = (FieldID(1), FieldID(2))

  /// Station 0 made a record that all hold; then 0 and 1 edit it and 2 deletes it.
  private static func edited() throws -> (stations: Stations, parcels: [Parcel]) {
    var stations = Stations(3)
    try stations.write(0, [title, room])
    let made = stations.everything(of: 0)
    for at in 1...2 { try stations.merge(made, at: at) }
    try stations.write(0, [room])
    try stations.write(1, [title])
    try stations.write(2, [.deleted])
    let news = stations.copies.map { $0.parcel(beyond: made.target, made.past.mask) }
    return (stations, [made] + news + [stations.everything(of: 2)])
  }

  @Test func `a delete stands against concurrent edits in every order of arrival`() throws {
    let (start, parcels) = try Self.edited()
    for order in permutations(parcels) {
      var stations = start
      for at in 0...2 {
        for parcel in order { try stations.merge(parcel, at: at) }
        let record = try #require(stations[at].records.first)
        #expect(record.isDeleted)
        #expect(record[Self.title].count == 1)
        #expect(record[Self.room].count == 1)
      }
      #expect(Set(stations.copies.map(\.records)).count == 1)
      #expect(Set(stations.copies.map(\.digest)).count == 1)
    }
  }

  @Test func `a stick from before the delete changes nothing`() throws {
    var (stations, parcels) = try Self.edited()
    for parcel in parcels { try stations.merge(parcel, at: 0) }
    let before = stations[0].records
    for _ in 0..<2 {
      for old in parcels.reversed() { try stations.merge(old, at: 0) }
    }
    #expect(stations[0].records == before)
  }

  @Test func `an edit by somebody who has seen the delete does not undo it`() throws {
    var (stations, _) = try Self.edited()
    try stations.write(2, [Self.title, Self.room])
    #expect(stations[2].records.first?.isDeleted == true)
    let late = stations.everything(of: 2)
    for at in 0...1 {
      try stations.merge(late, at: at)
      #expect(stations[at].records.first?.isDeleted == true)
    }
    // Nor does it after a restart, which starts a new epoch.
    stations.reopen(1)
    try stations.write(1, [Self.title])
    try stations.merge(stations.delta(from: 1, to: 2), at: 2)
    #expect(stations[2].records.first?.isDeleted == true)
  }

  @Test func `two deletes at once are one`() throws {
    var (stations, parcels) = try Self.edited()
    try stations.write(0, [.deleted])
    parcels.append(stations.everything(of: 0))
    for parcel in parcels { try stations.merge(parcel, at: 1) }
    #expect(stations[1].records.first?[.deleted].count == 2)
    #expect(stations[1].records.first?.isDeleted == true)
    // Deleting it again settles even that, and it stays deleted.
    try stations.write(1, [.deleted])
    for parcel in parcels { try stations.merge(parcel, at: 1) }
    #expect(stations[1].records.first?[.deleted].count == 1)
    #expect(stations[1].records.first?.isDeleted == true)
  }

  @Test func `a stub whose content was released does not take it back`() throws {
    var (stations, parcels) = try Self.edited()
    for parcel in parcels { try stations.merge(parcel, at: 2) }
    let whole = try #require(stations[2].records.first)
    let stub = RecordState(
      id: whole.id, vector: whole.vector, fields: whole.fields.filter { $0.field == .deleted })
    for old in parcels.flatMap(\.records) + [whole] {
      var released = stub
      released.merge(old, in: stations[2].ancestry)
      #expect(released == stub)
      // Who has the content still, keeps it until releasing it too.
      var holder = whole
      holder.merge(stub, in: stations[2].ancestry)
      #expect(holder == whole)
    }
    // What nobody had seen when the content was released is news.
    try stations.write(1, [Self.title])
    var released = stub
    let edit = try #require(stations[1].records.first)
    released.merge(edit, in: stations[1].ancestry)
    #expect(released.isDeleted)
    #expect(released[Self.title].map(\.dot.epoch) == edit[Self.title].map(\.dot.epoch))
    #expect(released[Self.room].isEmpty)
  }

  @Test func `a delete is one whatever value it carries`() throws {
    for value in [Value.null, .integer(0), .text(""), Value(bytes: [9])] {
      let dot = Dot(Epoch(bits: 1), 1)
      var ancestry = Ancestry()
      try ancestry.insert(
        Birth(
          epoch: dot.epoch, author: Author(place: PlaceID(bits: 1), role: .hub),
          parents: VersionVector()))
      var record = RecordState(id: dot)
      #expect(!record.isDeleted)
      record.write(
        [(FieldID(5), value), (.deleted, value)], at: dot, time: HybridTime(bits: 0), in: ancestry)
      #expect(record.isDeleted)
      #expect(record.fields.map(\.field) == [.deleted, FieldID(5)])
    }
  }
}
