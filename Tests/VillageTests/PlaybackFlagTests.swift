import Causality
import Replica
import Testing

@testable import Village

/// What reports want to know of a month, and how a meeting finds its short programme.
@Suite struct PlaybackFlagTests {
  private let station: Replica

  init() throws { station = try World().station() }

  @discardableResult
  private func add(
    _ occasion: String, _ start: String, _ end: String?, _ more: [(name: String, text: String)] = []
  ) throws -> Dot {
    var fields = [
      (name: "programme", text: "P1"), (name: "occasion", text: occasion),
      (name: "started_at", text: "2026-03-\(start)"),
    ]
    if let end { fields.append((name: "ended_at", text: "2026-03-\(end)")) }
    return try station.write { try PlaybackBook.add(fields + more, $0) }
  }

  /// `lost`: what a machine logged on one day of the month came to nobody.
  private func flags(
    until: String = "2026-04-01T00:00:00", lost: Bool = false
  ) throws -> [PlaybackFlag] {
    var flags = PlaybackFlags(try #require(Month("2026-03")), zone: .china)
    try station.read { store in
      let filter = PlaybackFilter(from: flags.from, to: flags.to)
      try PlaybackBook.list(store, filter) { flags.look(at: $0) }
    }
    let day = try #require(Instant("2026-03-20T00:00:00", zone: .china)).seconds
    return flags.flags(
      Reach(
        until: try #require(Instant(until, zone: .china)), gaps: lost ? [day...(day + 86_400)] : [])
    )
  }

  private func prelude(_ dot: Dot) throws -> Dot? {
    try station.playbacks().first { $0.dot == dot }?.prelude
  }

  @Test func `every occasion that the program knows is of a kind`() {
    let kinds = Terms.builtIn.filter { $0.kind == .occasion }.map { OccasionKind(of: $0.text) }
    #expect(kinds == [.routine, .themeDay, .beforeMeeting, .meeting, .meeting, .training])
    #expect(OccasionKind(of: nil) == .other && OccasionKind(of: "村民大会") == .other)
  }

  @Test func `a month without a theme day is flagged when it is over`() throws {
    try add("日常播放", "02T09:00", "02T09:30")
    #expect(try flags() == [.init(reason: .noThemeDay, dot: nil)])
    #expect(try flags(until: "2026-03-31T23:59:59").isEmpty)
    #expect(try flags(lost: true).isEmpty)
    try add("主题党日", "31T23:30", "31T23:59")
    #expect(try flags().isEmpty)
  }

  @Test func `a theme day of another month does not count`() throws {
    _ = try station.write {
      try PlaybackBook.add(
        [("programme", "P1"), ("occasion", "主题党日"), ("started_at", "2026-02-28T23:59:59")], $0)
    }
    #expect(try flags() == [.init(reason: .noThemeDay, dot: nil)])
  }

  @Test func `a meeting is linked with what was shown in the hour before it`() throws {
    try add("主题党日", "01T09:00", nil)
    let short = try add("会前播放", "05T08:50", "05T09:00")
    let later = try add("会前播放", "05T09:05", "05T09:10")
    #expect(try prelude(try add("党员大会", "05T10:00", "05T11:00")) == later)
    // A second film at the same meeting.
    #expect(try prelude(try add("党员大会", "05T11:30", "05T12:00")) == later)
    #expect(try prelude(try add("支部会议", "05T10:00", "05T10:20")) == later)
    let given = [(name: "prelude", text: short.description)]
    #expect(try prelude(try add("支部会议", "09T10:00", nil, given)) == short)
    #expect(try prelude(try add("日常播放", "05T09:30", nil)) == nil)
    #expect(try flags().isEmpty)
  }

  @Test func `a meeting without a short programme in the hour before it is flagged once`() throws {
    try add("主题党日", "01T09:00", nil)
    try add("会前播放", "05T08:50", "05T08:59:59")
    let bare = try add("党员大会", "05T10:00", "05T10:30")
    try add("党员大会", "05T11:00", "05T11:20")
    // Begun after the meeting.
    let second = try add("支部会议", "06T10:00", "06T10:30")
    try add("会前播放", "06T10:01", "06T10:05")
    #expect(
      try flags(until: "2026-03-07T00:00:00") == [
        .init(reason: .noPrelude, dot: bare), .init(reason: .noPrelude, dot: second),
      ])
    #expect(try prelude(bare) == nil)
  }

  @Test func `a correction links a meeting, and the hour counts across the end of a month`() throws
  {
    try add("主题党日", "01T09:00", nil)
    _ = try station.write {
      try PlaybackBook.add(
        [
          ("programme", "P1"), ("occasion", "会前播放"), ("started_at", "2026-02-28T23:40"),
          ("ended_at", "2026-02-28T23:50"),
        ], $0)
    }
    try add("党员大会", "01T00:10", "01T00:30")
    #expect(try flags().isEmpty)
    let bare = try add("支部会议", "09T10:00", nil)
    let far = try add("会前播放", "08T10:00", "08T10:05")
    #expect(try flags().map(\.dot) == [bare])
    _ = try station.write {
      try PlaybackBook.correct(bare, [("prelude", far.description)], $0)
    }
    #expect(try flags().isEmpty)
    expect(.unknownPlayback) {
      try station.write { try PlaybackBook.correct(bare, [("prelude", "1:1")], $0) }
    }
  }

  @Test func `times that nobody can mean do not overflow`() throws {
    let month = try #require(Month("2026-03"))
    for (start, length) in [(Int64.max, 5), (Int64.min + 1, 5), (0, Int64.max)] as [(Int64, Int64)]
    {
      for occasion in ["党员大会", "会前播放", "主题党日"] {
        var facts = PlaybackFacts(programme: "P1", started: Instant(seconds: start))
        facts.seconds = length
        facts.occasion = occasion
        facts.booted = -start
        let cells = facts.cells(operatorCode: nil)
        _ = try station.write {
          try $0.log(Village.playback, in: PartitionID($0.identity.place, .log), cells)
        }
      }
    }
    var flags = PlaybackFlags(month, zone: .china)
    for view in try station.playbacks() { flags.look(at: view) }
    #expect(flags.flags(Reach(until: flags.to)).map(\.reason) == [.noThemeDay])
  }
}
