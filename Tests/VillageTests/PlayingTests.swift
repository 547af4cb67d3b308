import Causality
import Records
import Replica
import Synchronization
import Testing

@testable import Village

/// Playbacks as they happen (P7: what has begun leaves an event, whatever ends it).
@Suite struct PlayingTests {
  private let world: World
  private let machine = Machine()
  private let station: Replica

  init() throws {
    world = try World()
    station = try world.station(on: machine)
  }

  @discardableResult
  private func start(
    _ programme: String = "P1", at player: String = PlayingBook.keeper,
    _ fields: [(name: String, text: String)] = []
  ) throws -> PlayingBook.Started {
    try station.write {
      try PlayingBook.start([("programme", programme)] + fields, at: player, $0)
    }
  }

  @discardableResult
  private func stop(
    _ fields: [(name: String, text: String)] = [], at player: String = PlayingBook.keeper
  ) throws -> Dot {
    try station.write { try PlayingBook.stop(fields, at: player, $0) }
  }

  private func beat(_ player: String, played: Int64? = nil) throws {
    try station.write { try PlayingBook.beat(player, played: played, $0) }
  }

  private var underWay: [Playing] {
    get throws { try station.read { try PlayingBook.list($0) } }
  }

  private func seconds(_ view: PlaybackView) -> Int64? {
    view.endedAt.map { $0.seconds - view.startedAt.seconds }
  }

  // MARK: Start and stop

  @Test func `a start is no event, and the stop logs what was said at both`() throws {
    try start(
      "P1", [("occasion", "农技培训"), ("operator", "侯勇"), ("note", "一"), ("audience", "3")])
    #expect(try station.playbacks().isEmpty)
    #expect(try underWay.map(\.player) == ["keeper"])
    machine.pass(seconds: 1500)
    let dot = try stop([("audience", "21")])
    let view = try #require(try station.playbacks().first)
    #expect(view.dot == dot && view.programme == "P1" && view.occasion == "农技培训")
    #expect(view.operatorName == "侯勇" && view.note == "一" && view.audience == 21)
    #expect(view.outcome == "completed" && seconds(view) == 1500)
    #expect(view.startedAt.text(in: .china) == "2027-03-01T09:00:00+08:00")
    #expect(view.boot == 1 && view.uptime == 60 && view.clock == "unknown")
    #expect(try underWay.isEmpty)
    expect(.nothingPlaying) { try stop() }
  }

  @Test func `what begins at a player ends what was under way there, and nowhere else`() throws {
    try start("P1")
    try start("P8", at: "hall")
    machine.pass(seconds: 100)
    let second = try start("P2")
    let ended = try #require(second.ended)
    let view = try #require(try station.playbacks().first)
    #expect(view.dot == ended && view.programme == "P1" && view.outcome == "stopped")
    #expect(seconds(view) == 100)
    #expect(try underWay.map(\.programme).sorted() == ["P2", "P8"])
  }

  @Test func `what cannot be said is refused, and nothing is under way`() throws {
    for (fields, code) in [
      ([("started_at", "2027-03-01T09:00")], VillageError.Code.unknownField),
      ([("outcome", "completed")], .unknownField), ([("titel", "x")], .unknownField),
      ([("audience", "many")], .badValue), ([("item", "x")], .unknownItem),
      ([("item", Dot(Epoch(bits: 5), 5).description)], .unknownItem),
      ([("prelude", Dot(Epoch(bits: 5), 5).description)], .unknownPlayback),
    ] {
      expect(code) { try start("P1", fields) }
    }
    expect(.badValue) { try start("") }
    expect(.badValue) { try start("P1", at: " ") }
    expect(.badValue) { try start("P1", at: String(repeating: "村", count: 30)) }
    #expect(try underWay.isEmpty)
    try start("P1")
    expect(.unknownField) { try stop([("programme", "P2")]) }
    #expect(try underWay.count == 1)
  }

  @Test func `a stop that was forgotten for more than a day wants to be told the length`() throws {
    try start("P1")
    machine.pass(seconds: 3 * 86_400)
    expect(.tooLong) { try stop() }
    #expect(try underWay.count == 1)
    try stop([("ended_at", "2027-03-01T09:30:00"), ("outcome", "stopped")])
    let view = try #require(try station.playbacks().first)
    #expect(seconds(view) == 1800 && view.outcome == "stopped")
    // A new start cannot ask.
    try start("P2")
    machine.pass(seconds: 3 * 86_400)
    try start("P3")
    let second = try #require(try station.playbacks().last)
    #expect(second.programme == "P2" && second.outcome == "unknown" && seconds(second) == nil)
  }

  // MARK: Clocks

  @Test func `a clock that is set right meanwhile moves the start, and never the length`() throws {
    machine.set(wall: 5000)
    try start("P1")
    machine.pass(seconds: 600)
    try station.write { try $0.hear(time: Machine.morning, from: .hub) }
    machine.pass(seconds: 600)
    try stop()
    let view = try #require(try station.playbacks().first)
    #expect(view.startedAt.text(in: .china) == "2027-03-01T08:50:00+08:00")
    #expect(seconds(view) == 1200 && view.clock == "trusted" && view.uptime == 60)
  }

  @Test func `a clock that goes wrong after somebody vouched for it does not move the start`()
    throws
  {
    try station.write { try $0.hear(time: Machine.morning, from: .hub) }
    try start("P1")
    machine.pass(seconds: 600)
    machine.set(wall: 7)
    try stop()
    let view = try #require(try station.playbacks().first)
    #expect(view.startedAt.text(in: .china) == "2027-03-01T09:00:00+08:00")
    #expect(seconds(view) == 600 && view.clock == "trusted")
  }

  @Test func `somebody must vouch for the clock: the system, or the hub since the machine started`()
    throws
  {
    func clock() throws -> String? {
      try start("P1")
      try stop()
      machine.pass(seconds: 1)
      return try station.playbacks().last?.clock
    }
    #expect(try clock() == "unknown")
    machine.hands.withLock { $0.isKept = true }
    #expect(try clock() == "trusted")
    machine.hands.withLock { $0.isKept = false }
    let wall = machine.hands.withLock { $0.wall }
    try station.write { try $0.hear(time: wall + 2000, from: .stick) }
    #expect(try clock() == "unknown")
    try station.write { try $0.hear(time: wall + 2000, from: .hub) }
    #expect(try clock() == "trusted")
    machine.restart()
    #expect(try clock() == "unknown")
    // A clock with a battery, until somebody contradicts it.
    machine.hands.withLock { $0.hasBattery = true }
    #expect(try clock() == "trusted")
    let later = machine.hands.withLock { $0.wall } + 86_400_000
    try station.write { try $0.hear(time: later, from: .stick) }
    #expect(try clock() == "unknown")
    machine.restart()
    machine.set(wall: 946_684_800_000)
    #expect(try clock() == "unknown")
  }

  @Test func `one start of the machine has one number and one second, whatever the milliseconds`()
    throws
  {
    // The two clocks are not read at the same moment.
    for (length, delay) in [(999, 0), (1, 1), (500, 1)] as [(Int64, Int64)] {
      try start("P1")
      machine.hands.withLock {
        $0.wall += length
        $0.uptime += length + delay
      }
      try stop()
    }
    machine.restart()
    try start("P2")
    try stop()
    machine.set(wall: Machine.morning + 7_200_000)
    try start("P3")
    try stop()
    let events = try station.playbacks().compactMap { try station.playback($0.dot) }
    let boots = events.map { $0.integer(PlaybackColumn.boot.index) }
    let seconds = events.compactMap { $0.integer(PlaybackColumn.booted.index) }
    #expect(boots == [1, 1, 1, 2, 2])
    #expect(seconds[0] == seconds[1] && seconds[1] == seconds[2])
    // A step of the clock shows within one start of the machine.
    #expect(seconds[4] != seconds[3])
  }

  @Test func `without monotonic time the clock on the wall must do`() throws {
    machine.hands.withLock { $0.boot = nil }
    try start("P1")
    machine.pass(seconds: 90)
    try stop()
    try start("P2")
    machine.set(wall: Machine.morning - 60_000)
    try stop()
    let views = try station.playbacks()
    #expect(views.map { seconds($0) } == [90, nil])
    #expect(views.allSatisfy { $0.boot == nil && $0.uptime == nil })
    try start("P3")
    #expect(try PlayingBook.settle(station) == 0)
  }

  // MARK: What nobody ends

  @Test func `a power cut leaves an event that says so, with what the beats proved`() throws {
    try start("P1", at: "hall", [("operator", "陈静")])
    try start("P2")
    for _ in 0..<3 {
      machine.pass(seconds: 60)
      try beat("hall")
    }
    machine.pass(seconds: 30)
    machine.restart()
    let before = try station.writes
    #expect(try PlayingBook.settle(station) == 2)
    #expect(try station.writes > before && underWay.isEmpty)
    let views = try station.playbacks()
    #expect(views.allSatisfy { $0.outcome == "power_lost" && $0.boot == 1 && $0.uptime == 60 })
    #expect(views.first { $0.programme == "P1" }.map { seconds($0) } == 180)
    #expect(views.first { $0.programme == "P1" }?.operatorName == "陈静")
    #expect(views.first { $0.programme == "P2" }.map { seconds($0) } == .some(nil))
    #expect(try PlayingBook.settle(station) == 0)
    try start("P3")
    try stop()
    #expect(try station.playbacks().last?.boot == 2)
  }

  @Test func `nothing under way costs no write`() throws {
    try start("P1")
    try stop()
    let before = try station.dump()
    machine.restart()
    #expect(try PlayingBook.settle(station) == 0)
    #expect(try station.dump() == before)
  }

  @Test func `a player that is silent ends with its last beat, a keeper never does`() throws {
    try start("P1", at: "hall")
    try start("P2")
    machine.pass(seconds: 60)
    try beat("hall", played: 45_000)
    machine.pass(seconds: 14 * 60)
    #expect(try PlayingBook.settle(station) == 0)
    machine.pass(seconds: 120)
    #expect(try PlayingBook.settle(station) == 1)
    let view = try #require(try station.playbacks().first)
    #expect(view.programme == "P1" && view.outcome == "unknown" && seconds(view) == 45)
    #expect(try underWay.map(\.programme) == ["P2"])
    expect(.nothingPlaying) { try beat("hall") }
  }

  @Test func `pauses that a player told of are left out`() throws {
    try start("P1", at: "hall")
    machine.pass(seconds: 60)
    try beat("hall", played: 20_000)
    machine.pass(seconds: 10)
    try stop(at: "hall")
    let first = try #require(try station.playbacks().first)
    #expect(seconds(first) == 30)
    try start("P2", at: "hall")
    machine.pass(seconds: 60)
    try beat("hall")
    machine.pass(seconds: 10)
    _ = try station.write {
      try PlayingBook.end(.init(outcome: "stopped", played: 51_400, note: "x"), at: "hall", $0)
    }
    let second = try #require(try station.playbacks().last)
    #expect(seconds(second) == 51 && second.outcome == "stopped" && second.note == "x")
    #expect(
      try station.write { try PlayingBook.end(.init(outcome: "stopped"), at: "hall", $0) } == nil)
  }

  @Test func `bytes that no version wrote are nothing under way`() throws {
    let playing = try start("P1", [("note", "")]).playing
    #expect(Playing(player: "keeper", playing.bytes) == playing)
    for count in 0..<playing.bytes.count {
      #expect(Playing(player: "keeper", Array(playing.bytes.prefix(count))) != playing)
    }
    try station.write { try $0.keep([255, 1, 2], "playing", "hall") }
    #expect(try underWay.map(\.player) == ["keeper"])
    try start("P2", at: "hall")
    #expect(try underWay.count == 2)
  }

  // MARK: What a player tells of its file

  @Test func `a file is the programme that its name or its title says`() throws {
    let world = try World()
    let path = try world.file(
      "programme,title,category,seconds\nP1,饮水安全,卫生健康,300\nP2,讲座,党建,60\nP3,讲座,党建,60\n")
    try world.hub.write { store in
      _ = try Programmes.importSheet(path, for: try Places.own(store), .refuseSheet, store)
    }
    for (path, title, code, shown) in [
      ("/media/P1.mp4", nil, "P1", "饮水安全"), ("P1.final.mp4", nil, "P1.final", nil),
      ("/media/饮水.mkv", "饮水安全", "P1", "饮水安全"), ("/media/a.mkv", "讲座", "a", "讲座"),
      ("/media/a.mkv", "a.mkv", "a", nil), ("/media/.mp4", ".mp4", ".mp4", nil),
      ("https://x/y/P2.m3u8?token=/z.mp4", nil, "P2", "讲座"),
      ("https://x/live", "新闻", "live", "新闻"), ("/media/什么#1?.mp4", nil, "什么#1?", nil),
    ] as [(String, String?, String, String?)] {
      let found = try world.hub.read { try PlayedMedia(path: path, title: title).programme($0) }
      #expect(found.code == code && found.title == shown, "\(path) \(title ?? "-")")
    }
  }

  @Test func `a file that is played begins when it did, and one that was none leaves nothing`()
    throws
  {
    machine.pass(seconds: 10)
    let media = PlayedMedia(path: "/media/P7.mp4", title: nil)
    try station.write { _ = try PlayingBook.start(media, at: "mpv", ago: 4000, $0) }
    machine.pass(seconds: 1)
    try station.write { _ = try PlayingBook.end(.init(outcome: "completed"), at: "mpv", $0) }
    let view = try #require(try station.playbacks().first)
    #expect(view.startedAt.text(in: .china) == "2027-03-01T09:00:06+08:00" && view.uptime == 66)
    try station.write { store in
      _ = try PlayingBook.start(media, at: "mpv", ago: 0, store)
      try PlayingBook.discard("mpv", store)
    }
    #expect(try underWay.isEmpty && station.playbacks().count == 1)
  }

  @Test func `what a player plays has the occasion that it was given, until a person corrects it`()
    throws
  {
    let media = PlayedMedia(path: "/media/P7.mp4", title: nil)
    let dot = try station.write { store in
      _ = try PlayingBook.start(
        media, at: "mpv", for: OccasionKind.routineWord, ago: 0, store)
      return try PlayingBook.end(.init(outcome: "completed"), at: "mpv", store)
    }
    #expect(try station.playbacks().map(\.occasion) == ["日常播放"])
    try station.write { store in
      _ = try PlaybackBook.correct(
        try #require(dot), [(name: "occasion", text: "主题党日")], store)
    }
    #expect(try station.playbacks().map(\.occasion) == ["主题党日"])
    try station.write { _ = try PlayingBook.start(media, at: "mpv", for: " ", ago: 0, $0) }
    #expect(try underWay.map(\.occasion) == [nil])
  }
}
