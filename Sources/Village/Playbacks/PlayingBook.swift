package import Causality
internal import Records
package import Replica
internal import Wording

/// Playbacks as they happen: what is under way at each player, and how it becomes an event.
///
/// One may be under way at each player. It lies beside the log until it has ended, so nothing
/// of it travels before; whatever ends the machine or the player, the next to open the database
/// writes the event with what is known (P7).
package enum PlayingBook {
  private static let kind = "playing"
  /// The player of whoever names none: a person.
  package static let keeper = "keeper"
  private static let playerBytesMax = 64

  /// What may be said when a playback begins, and when it ends.
  private static let startFields: Set<PlaybackField> = [
    .programme, .item, .occasion, .operator, .audience, .note, .prelude,
  ]
  private static let stopFields: Set<PlaybackField> = [
    .outcome, .audience, .note, .endedAt, .seconds, .occasion, .operator,
  ]

  /// What a start did.
  package struct Started: Equatable, Sendable {
    package let playing: Playing
    /// The event of what was under way at the player before.
    package let ended: Dot?
  }

  /// What is under way, by player.
  package static func list(_ store: Store) throws -> [Playing] {
    try store.keepsakes(kind).compactMap { Playing(player: $0.key, $0.bytes) }
  }

  /// Begins a playback, and ends the one that is under way at the same player. Fields by the names
  /// of `PlaybackField`.
  ///
  /// Throws `unknown_field`, `unknown_item`, `unknown_playback` and `bad_value`.
  package static func start(
    _ fields: [(name: String, text: String)], at player: String, _ store: Store
  ) throws -> Started {
    let player = try name(of: player)
    var facts = PlaybackFacts(programme: "", started: Instant(seconds: 0))
    let given = try parse(fields, startFields, "the start")
    if let item = given.first(where: { $0.field == .item }) {
      try facts.set(.item, item.text, zone: .china)
      facts.follow(try facts.item.map { try PlanBook.item($0, store) })
    }
    for each in given where each.field != .item {
      try facts.set(each.field, each.text, zone: .china)
    }
    facts.programme = try PlaybackFacts.programme(facts.programme)
    facts.title = try Programmes.byCode(store)[facts.programme]?.title ?? facts.title
    _ = try facts.prelude.map { try PlaybackBook.playback($0, store) }
    return try begin(facts, at: player, ago: 0, store)
  }

  /// The same for a player that tells what file it plays: since so many milliseconds. It does not
  /// know at which occasion.
  package static func start(
    _ media: PlayedMedia, at player: String, for occasion: String? = nil, ago: Int64,
    _ store: Store
  ) throws -> Started {
    var facts = PlaybackFacts(programme: "", started: Instant(seconds: 0))
    (facts.programme, facts.title) = try media.programme(store)
    if let occasion { try facts.set(.occasion, occasion, zone: .china) }
    return try begin(facts, at: try name(of: player), ago: ago, store)
  }

  private static func begin(
    _ facts: PlaybackFacts, at player: String, ago: Int64, _ store: Store
  ) throws -> Started {
    let partition = PartitionID(store.identity.place, .log)
    try Ownership.check(partition, store, "the playback log")
    let now = store.moment
    let ended = try find(player, store).map { try end($0, by: nil, now, store) }
    var began = now
    began.wall -= ago
    began.uptime = began.uptime.map { max(0, $0 - ago) }
    let boot = store.sinceBoot?.id
    let prelude =
      try facts.prelude
      ?? Preludes.find(
        before: began.instant, at: facts.occasion, in: partition, store)
    let playing = Playing(
      facts, at: player, prelude: prelude, began: began, sight: now,
      boot: try boot.map { ($0, try BootRoll.number(of: $0, store)) })
    try store.keep(playing.bytes, kind, player)
    return Started(playing: playing, ended: ended)
  }

  /// Ends what is under way at a player, as `completed` unless told otherwise. Returns the event's
  /// dot.
  ///
  /// Throws `nothing_playing`; `too_long` after more than a day, unless its end or length is said;
  /// `unknown_field`, `bad_value`, `bad_time` and `ends_before_start`.
  package static func stop(
    _ fields: [(name: String, text: String)], at player: String, _ store: Store
  ) throws -> Dot {
    let playing = try require(player, store)
    let now = store.moment
    var facts = playing.facts
    facts.outcome = "completed"
    let given = try parse(fields, stopFields, "the end")
    let saysLength = given.contains { [.endedAt, .seconds].contains($0.field) }
    var final = playing
    final.look(now)
    facts.started = Instant(seconds: final.startSecond)
    for each in given { try facts.set(each.field, each.text, zone: try Places.zone(store)) }
    if !saysLength {
      facts.seconds = playing.length(at: now).map(Self.rounded)
      if let seconds = facts.seconds { try PlaybackFacts.check(seconds) }
    }
    return try write(facts, of: final, store)
  }

  /// A sign of life of a player: how long it has really played, if it knows, in milliseconds.
  ///
  /// Throws `nothing_playing`.
  package static func beat(_ player: String, played: Int64? = nil, _ store: Store) throws {
    var playing = try require(player, store)
    let now = store.moment
    playing.played = played.map { max(0, $0) } ?? playing.length(at: now)
    playing.seen = now
    playing.look(now)
    try store.keep(playing.bytes, kind, playing.player)
  }

  /// What a player tells of the end of what it played.
  package struct PlayerEnd: Equatable, Sendable {
    package var outcome: String
    /// How long it really played, pauses left out: milliseconds. Nil if the player does not know:
    /// then what its last beat proved.
    package var played: Int64?
    package var note: String?

    package init(outcome: String, played: Int64? = nil, note: String? = nil) {
      self.outcome = outcome
      self.played = played
      self.note = note
    }
  }

  /// Ends what is under way at a player that tells how; nil if nothing was.
  @discardableResult
  package static func end(
    _ end: PlayerEnd, at player: String, _ store: Store
  ) throws -> Dot? {
    guard var playing = try find(try name(of: player), store) else { return nil }
    if let note = end.note { playing.note = note }
    return try self.end(
      playing, by: .init(outcome: end.outcome, milliseconds: end.played ?? playing.played),
      store.moment, store)
  }

  /// Takes back what is under way at a player: it was none.
  package static func discard(_ player: String, _ store: Store) throws {
    try store.discardKeepsake(kind, try name(of: player))
  }

  /// Logs what ended without anybody saying so: with the power, or with its player. To be called
  /// whenever the database is opened for writing; writes only if there is such a playback. Returns
  /// their number.
  @discardableResult
  package static func settle(_ replica: Replica) throws -> Int {
    func silent(_ store: Store) throws -> [(Playing, Playing.Ending)] {
      let (now, boot) = (store.moment, store.sinceBoot?.id)
      return try list(store).compactMap { playing in
        playing.silentEnd(now, in: boot).map { (playing, $0) }
      }
    }
    guard try replica.read({ try !silent($0).isEmpty }) else { return 0 }
    return try replica.write { store in
      let ended = try silent(store)
      // order: by player.
      for (playing, ending) in ended { _ = try end(playing, by: ending, store.moment, store) }
      return ended.count
    }
  }

  /// How it ended, if it did without anybody saying so and is still to be logged.
  package static func outcome(of playing: Playing, _ store: Store) -> String? {
    playing.silentEnd(store.moment, in: store.sinceBoot?.id)?.outcome
  }

  // MARK: The event

  /// Without an ending somebody else has begun at the same player.
  private static func end(
    _ playing: Playing, by told: Playing.Ending?, _ now: Moment, _ store: Store
  ) throws -> Dot {
    var final = playing
    let silent = playing.silentEnd(now, in: store.sinceBoot?.id)
    var ending = told ?? silent ?? .init(outcome: "stopped", milliseconds: playing.length(at: now))
    // What this start of the machine shows of the clock says nothing of another one.
    if silent?.outcome != "power_lost" { final.look(now) }
    if told == nil, silent == nil, ending.milliseconds ?? 0 > PlaybackFacts.secondsMax * 1000 {
      // Nobody knows when it really ended.
      ending = .init(outcome: "unknown", milliseconds: playing.played)
    }
    var facts = playing.facts
    facts.outcome = ending.outcome
    facts.seconds = ending.milliseconds.map(Self.rounded)
    return try write(facts, of: final, store)
  }

  private static func write(
    _ facts: PlaybackFacts, of playing: Playing, _ store: Store
  ) throws -> Dot {
    let partition = PartitionID(store.identity.place, .log)
    var facts = facts
    facts.started = Instant(seconds: playing.startSecond)
    facts.clock =
      (playing.sight.isVouched ? ClockConfidence.trusted : .unknown).rawValue
    if let number = playing.bootNumber {
      facts.booted = try BootRoll.booted(number, by: playing.sight, store)
      facts.boot = facts.booted == nil ? nil : number
    }
    facts.prelude =
      try facts.prelude
      ?? Preludes.find(before: facts.started, at: facts.occasion, in: partition, store)
    let dot = try PlaybackBook.write(facts, corrects: nil, in: partition, store)
    try store.discardKeepsake(kind, playing.player)
    return dot
  }

  private static func rounded(_ milliseconds: Int64) -> Int64 { (milliseconds + 500) / 1000 }

  // MARK: Finding

  private static func find(_ player: String, _ store: Store) throws -> Playing? {
    try store.keepsake(kind, player).flatMap { Playing(player: player, $0) }
  }

  private static func require(_ player: String, _ store: Store) throws -> Playing {
    let player = try name(of: player)
    guard let playing = try find(player, store) else {
      throw VillageError(
        .nothingPlaying, "nothing is under way at the player “\(CellText.shown(player))”",
        hint: "`yizhan playback start` begins one; `yizhan playback add` logs what is over")
    }
    return playing
  }

  private static func name(of player: String) throws(VillageError) -> String {
    let name = CellText.trimmed(player)
    guard !name.isEmpty, name.utf8.count <= playerBytesMax else {
      throw VillageError(
        .badValue, "“\(CellText.shown(player))” is no name of a player",
        hint: "give a name of 1 to \(playerBytesMax) bytes")
    }
    return name
  }

  private static func parse(
    _ fields: [(name: String, text: String)], _ allowed: Set<PlaybackField>, _ when: Message
  ) throws(VillageError) -> [(field: PlaybackField, text: String)] {
    let parsed = try PlaybackBook.parse(fields)
    if let other = parsed.first(where: { !allowed.contains($0.field) }) {
      let known = PlaybackField.allCases.filter(allowed.contains).map(\.rawValue)
      throw VillageError(
        .unknownField, "\(other.field.rawValue) is not said at \(when)",
        hint: "the fields are \(Message.list(known))")
    }
    return parsed
  }
}

extension Store {
  /// What the clocks show now.
  fileprivate var moment: Moment {
    Moment(uptime: sinceBoot?.uptime, wall: now, isVouched: isClockVouched)
  }
}

extension Moment {
  fileprivate var instant: Instant {
    Instant(seconds: wall >= 0 ? wall / 1000 : (wall - 999) / 1000)
  }
}

extension Playing {
  fileprivate init(
    _ facts: PlaybackFacts, at player: String, prelude: Dot?, began: Moment, sight: Moment,
    boot: (id: String, number: Int64)?
  ) {
    self.init(
      player: player, programme: facts.programme, title: facts.title, item: facts.item,
      operatorName: facts.operatorName, occasion: facts.occasion, audience: facts.audience,
      note: facts.note, prelude: prelude, boot: boot?.id, bootNumber: boot?.number, began: began,
      seen: sight, sight: sight, played: nil)
  }

  fileprivate var facts: PlaybackFacts {
    var facts = PlaybackFacts(programme: programme, started: Instant(seconds: startSecond))
    facts.title = title
    facts.item = item
    facts.operatorName = operatorName
    facts.occasion = occasion
    facts.audience = audience
    facts.note = note
    facts.prelude = prelude
    return facts
  }

  package var startedAt: Instant { Instant(seconds: startSecond) }
  fileprivate var startSecond: Int64 { start >= 0 ? start / 1000 : (start - 999) / 1000 }
}
