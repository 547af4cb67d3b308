import Causality
import Records
import Replica
import Testing

@testable import Village

@Suite struct PlaybackTests {
  private let usual = [
    (name: "programme", text: "P1"), (name: "started_at", text: "2026-03-01T09:00:00"),
  ]

  @discardableResult
  private func add(
    _ replica: Replica, _ fields: [(name: String, text: String)], for place: Place? = nil
  ) throws -> Dot {
    try replica.write { try PlaybackBook.add(usual + fields, for: place, $0) }
  }

  private func correct(
    _ replica: Replica, _ dot: Dot, _ fields: [(name: String, text: String)]
  ) throws -> Dot {
    try replica.write { try PlaybackBook.correct(dot, fields, $0) }
  }

  @Test func `the columns are those of the declaration`() {
    let names = Village.playback.columns.map(\.name)
    #expect(PlaybackColumn.allCases.map(\.rawValue) == names)
    for column in PlaybackColumn.allCases {
      #expect(Village.playback.index(of: column.rawValue) == column.index)
    }
  }

  @Test func `a playback is logged with all that is said of it`() throws {
    let station = try World().station()
    let fields = [
      ("ended_at", "2026-03-01T09:25:00"), ("audience", "18"), ("operator", " 陈静 "),
      ("occasion", "农技培训"), ("outcome", "whatever happened"), ("note", "a\nb"),
      ("clock", "unknown"),
    ]
    let dot = try add(station, fields)
    let view = try #require(try station.playbacks().first)
    #expect(view.dot == dot && view.programme == "P1" && view.title == nil && view.item == nil)
    #expect(view.startedAt.text(in: .china) == "2026-03-01T09:00:00+08:00")
    #expect(view.endedAt?.text(in: .china) == "2026-03-01T09:25:00+08:00")
    #expect(view.audience == 18 && view.operatorName == "陈静" && view.occasion == "农技培训")
    #expect(view.outcome == "whatever happened" && view.note == "a\nb" && view.clock == "unknown")
    #expect(view.place == station.identity.place && !view.isCorrected && view.sheetID == nil)
    let partition = PartitionID(station.identity.place, .log)
    let event = try #require(try station.playback(dot))
    #expect(event.partition == partition && event.integer(PlaybackColumn.seconds.index) == 1500)
  }

  @Test func `only programme and start are needed, and a length will do for an end`() throws {
    let world = try World()
    let station = try world.station()
    try add(station, [])
    try add(station, [("seconds", "90")])
    let views = try station.playbacks()
    #expect(views.map { $0.endedAt.map { $0.seconds } } == [nil, views[1].startedAt.seconds + 90])
    #expect(views.allSatisfy { $0.clock == "trusted" && $0.operatorName == nil })
  }

  @Test func `the event names its operator by a code, and the name stays among people`() throws {
    let world = try World()
    let station = try world.station()
    try add(station, [("operator", "陈静")])
    try add(station, [("operator", "侯勇")])
    let again = try add(station, [("operator", "陈静")])
    let code = try station.playback(again)?.text(PlaybackColumn.operator.index)
    let letters = try #require(code)
    #expect(
      letters.count == 6 && letters.allSatisfy { "abcdefghijklmnopqrstuvwxyz234567".contains($0) })
    let people = PartitionID(station.identity.place, .people)
    let roll = try station.read { try $0.records(Village.operators, in: people) }
    #expect(roll.map { $0.text("name") } == ["陈静", "侯勇"] && roll[0].text("code") == code)
    #expect(try station.dump().filter { $0.contains("陈静") }.count == 1)
    #expect(try station.playbacks().map(\.operatorName).count { $0 == "陈静" } == 2)
    // Whoever does not hold the people reads the code.
    let log = PartitionID(station.identity.place, .log)
    let laptop = try world.laptop()
    try world.carry(from: station, to: laptop, [log])
    #expect(try laptop.playbacks().contains { $0.operatorName == code })
  }

  @Test func `a title is kept whatever becomes of its programme`() throws {
    let world = try World()
    let station = try world.station()
    for title in ["饮水安全", "饮水安全（新）"] {
      let path = try world.file("programme,title,category,seconds\nP1,\(title),卫生健康,300\n")
      try world.hub.write { store in
        _ = try Programmes.importSheet(path, for: try Places.own(store), .refuseSheet, store)
      }
      try world.sync(station)
      try add(station, [])
    }
    #expect(try station.playbacks().map(\.title).compactMap { $0 }.sorted() == ["饮水安全", "饮水安全（新）"])
  }

  @Test func `a playback of a plan item takes its programme, and its title where none is known`()
    throws
  {
    let world = try World()
    let station = try world.station()
    let path = try world.file(threeSlots.text)
    try station.write { store in
      _ = try PlanBook.importSheet(path, PlanImport(for: try Places.own(store)), store)
    }
    let item = try station.items(PlanFilter(drafts: .shown))[0]
    let dot = try station.write {
      try PlaybackBook.add(
        [("item", item.dot.description), ("started_at", "2026-03-01T09:01:00")], $0)
    }
    let view = try #require(try station.playbacks().first)
    #expect(view.dot == dot && view.item == item.dot && view.programme == "P00144")
    #expect(view.title == "红色影片展播（第40期）")
    for text in ["nonsense", Dot(item.dot.epoch, 99).description] {
      expect(.unknownItem) { try add(station, [("item", text)]) }
    }
  }

  @Test func `what cannot be is refused with its code`() throws {
    let world = try World()
    let station = try world.station()
    for (fields, code) in [
      ([("ended_at", "2026-03-01T08:59:59")], VillageError.Code.endsBeforeStart),
      ([("ended_at", "noon")], .badTime), ([("ended_at", "2999-03-01T08:59:59")], .tooLong),
      ([("ended_at", "2026-03-02T09:00:01")], .tooLong), ([("seconds", "86401")], .tooLong),
      ([("prelude", "P1")], .unknownPlayback),
      ([("audience", "-3")], .badValue), ([("seconds", "x")], .badValue),
      ([("seconds", "1"), ("ended_at", "2026-03-01T10:00:00")], .badValue),
      ([("clock", "maybe")], .badValue), ([("programme", "P2")], .badValue),
      ([("titel", "x")], .unknownField),
    ] {
      expect(code) { try add(station, fields) }
    }
    expect(.badTime) { try station.write { try PlaybackBook.add([("programme", "P1")], $0) } }
    expect(.badValue) {
      try station.write { try PlaybackBook.add([("started_at", "2026-03-01T09:00")], $0) }
    }
    expect(.notOwner) { try add(station, [], for: try world.place(World.town)) }
    #expect(try station.playbacks().isEmpty)
    try add(world.hub, [], for: try world.place(World.village))
    #expect(try world.hub.playbacks().map { $0.station?.name } == ["三岗村"])
  }

  // MARK: Corrections

  @Test func `a correction stands in the place of the playback, which is never changed`() throws {
    let station = try World().station()
    let dot = try add(station, [("seconds", "600"), ("audience", "7"), ("operator", "陈静")])
    let first = try correct(station, dot, [("audience", "17")])
    let second = try correct(station, dot, [("note", "重新数过")])
    #expect(try station.playbacks().count == 1)
    let view = try station.playbacks()[0]
    #expect(view.dot == dot && view.audience == 17 && view.note == "重新数过")
    #expect(view.isCorrected && !view.hasConflict && view.operatorName == "陈静")
    #expect(try station.playback(dot)?.integer(PlaybackColumn.audience.index) == 7)
    let corrects = PlaybackColumn.corrects.index
    #expect(try station.playback(first)?.dot(corrects) == dot)
    #expect(try station.playback(second)?.dot(corrects) == first)
    // What says nothing new is not written.
    let before = try station.writes
    #expect(try correct(station, first, [("audience", "17")]) == second)
    #expect(try station.writes == before)
  }

  @Test func `a corrected start leaves the end where it was`() throws {
    let station = try World().station()
    let dot = try add(station, [("seconds", "600")])
    _ = try correct(station, dot, [("started_at", "2026-03-01T08:55:00")])
    let view = try station.playbacks()[0]
    #expect(view.endedAt?.text(in: .china) == "2026-03-01T09:10:00+08:00")
    expect(.endsBeforeStart) {
      try correct(station, dot, [("started_at", "2026-03-01T09:30:00")])
    }
    _ = try correct(
      station, dot, [("ended_at", "2026-03-01T09:50:00"), ("started_at", "2026-03-01T09:30:00")])
    #expect(try station.playbacks()[0].startedAt.text(in: .china) == "2026-03-01T09:30:00+08:00")
  }

  @Test func `a person who corrects the start takes it from the machine's clock`() throws {
    let station = try World().station()
    let log = PartitionID(station.identity.place, .log)
    var facts = PlaybackFacts(programme: "P1", started: Instant(seconds: 9000))
    (facts.boot, facts.booted, facts.clock) = (3, 1000, "unknown")
    let cells = facts.cells(operatorCode: nil)
    let dot = try station.write { try $0.log(Village.playback, in: log, cells) }
    _ = try correct(station, dot, [("audience", "4")])
    let counted = try station.playbacks()[0]
    #expect(counted.boot == 3 && counted.uptime == 8000 && counted.clock == "unknown")
    _ = try correct(station, dot, [("started_at", "2026-03-01T09:00:00")])
    let dated = try station.playbacks()[0]
    #expect(dated.boot == nil && dated.uptime == nil && dated.clock == "trusted")
  }

  @Test func `corrections that were made apart are marked, and read the same everywhere`() throws {
    let world = try World()
    let station = try world.station()
    let dot = try add(station, [("audience", "7")])
    try world.sync(station)
    _ = try correct(station, dot, [("audience", "8")])
    _ = try correct(world.hub, dot, [("audience", "9")])
    try world.sync(station)
    let views = try [station, world.hub].map { try $0.playbacks() }
    #expect(views[0].map(\.audience) == views[1].map(\.audience) && views[0].count == 1)
    #expect(views[0][0].hasConflict && views[1][0].hasConflict)
  }

  @Test func `a correction of what is not held stands for itself, and a forged ring ends`() throws {
    let station = try World().station()
    let log = PartitionID(station.identity.place, .log)
    var facts = PlaybackFacts(programme: "P1", started: Instant(seconds: 7))
    facts.note = "孤"
    let far = Dot(Epoch(bits: 99), 3)
    let orphan = try station.write {
      try $0.log(Village.playback, in: log, facts.cells(operatorCode: nil, corrects: far))
    }
    #expect(try station.playbacks().map(\.dot) == [orphan])
    let before = Dot(orphan.epoch, orphan.sequence + 2)
    let after = Dot(orphan.epoch, orphan.sequence + 1)
    for dot in [before, after] {
      _ = try station.write {
        try $0.log(Village.playback, in: log, facts.cells(operatorCode: nil, corrects: dot))
      }
    }
    #expect(try station.playbacks().map(\.dot) == [orphan])
    #expect(try station.read { try Corrections(log, $0).versions(of: before).count } <= 4)
  }

  @Test func `who may not correct what is unknown or another's`() throws {
    let world = try World()
    let station = try world.station()
    let dot = try add(world.hub, [], for: try world.place(World.town))
    expect(.unknownPlayback) { try correct(station, dot, [("audience", "1")]) }
    let log = PartitionID(world.hub.identity.place, .log)
    try world.carry(from: world.hub, to: station, [log])
    expect(.notOwner) { try correct(station, dot, [("audience", "1")]) }
  }

  // MARK: Lists

  @Test func `lists go by place and time, and can be narrowed`() throws {
    let world = try World()
    let station = try world.station()
    _ = try world.station(World.otherVillage, "四合村")
    for text in ["2026-03-03T00:00:00", "2026-03-01T00:00:00", "2026-03-02T00:00:00"] {
      try add(world.hub, [], for: try world.place(World.otherVillage))
      _ = try station.write {
        try PlaybackBook.add([("programme", "P1"), ("started_at", text)], $0)
      }
    }
    try world.sync(station)
    let all = try world.hub.playbacks()
    #expect(all.map { $0.station?.name ?? "" } == ["三岗村", "三岗村", "三岗村", "四合村", "四合村", "四合村"])
    #expect(all.prefix(3).map { $0.startedAt.date(in: .china).parts.day } == [1, 2, 3])
    let day = try #require(CivilDate("2026-03-02"))
    let from = Instant(startOf: day, in: .china)
    let to = Instant(startOf: CivilDate(days: day.days + 1), in: .china)
    let place = station.identity.place
    let narrow = PlaybackFilter(place: place, from: from, to: to)
    #expect(try station.playbacks(narrow).map(\.startedAt) == [from])
    let latest = try station.playbacks(PlaybackFilter(limit: 2))
    #expect(latest.map { $0.startedAt.date(in: .china).parts.day } == [2, 3])
    #expect(try station.playbacks(PlaybackFilter(limit: 0)).isEmpty)
  }
}
