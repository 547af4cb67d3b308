package import Causality
internal import Records
internal import Replica

/// What the clocks showed at one moment.
package struct Moment: Equatable, Sendable {
  /// Milliseconds since the machine started; nil where that is not known.
  package var uptime: Int64?
  /// Milliseconds since 1970.
  package var wall: Int64
  /// Whether somebody vouched for the clock.
  package var isVouched: Bool
}

/// A playback under way at one player. No event yet: it is kept beside the log and never travels,
/// so that a power cut leaves what is known of it.
package struct Playing: Equatable, Sendable {
  package let player: String
  package var programme: String
  package var title: String?
  package var item: Dot?
  package var operatorName: String?
  package var occasion: String?
  package var audience: Int64?
  package var note: String?
  package var prelude: Dot?

  /// The start of the machine that it is in; nil where that is not known.
  var boot: String?
  /// The number of that start in the log.
  var bootNumber: Int64?
  package var began: Moment
  /// The last sign of life: the start, or a beat of the player.
  package var seen: Moment
  /// The clocks as they are best known: a look at a clock that somebody vouched for is only
  /// replaced by another such.
  var sight: Moment
  /// How long it had really played at the last beat, in milliseconds; nil if there was none.
  package var played: Int64?

  /// When it began, in milliseconds since 1970, by the best look at the clock.
  package var start: Int64 {
    guard let then = began.uptime, let later = sight.uptime else { return began.wall }
    return sight.wall &- (later &- then)
  }

  /// How long it has played: milliseconds. What a player has told of its pauses is taken in. Nil
  /// without monotonic time if the clock was set back.
  func length(at now: Moment) -> Int64? {
    let from = played == nil ? began : seen
    let since: Int64
    if let then = from.uptime, let later = now.uptime {
      since = max(0, later &- then)
    } else if now.wall >= from.wall {
      since = now.wall &- from.wall
    } else {
      return nil
    }
    return (played ?? 0) &+ since
  }

  mutating func look(_ now: Moment) {
    if now.isVouched || !sight.isVouched { sight = now }
  }

  // MARK: Silence

  /// A player beats about once a minute. A command may keep the database for a while, so a few
  /// beats that are missing say nothing yet: milliseconds.
  private static let silenceMax: Int64 = 15 * 60_000

  /// How it ended, if it did without anybody saying so: with the power, or with its player.
  func silentEnd(_ now: Moment, in boot: String?) -> Ending? {
    guard let boot, let own = self.boot else { return nil }
    if boot != own { return Ending(outcome: "power_lost", milliseconds: played) }
    guard played != nil, let last = seen.uptime, let uptime = now.uptime,
      uptime &- last > Self.silenceMax
    else { return nil }
    return Ending(outcome: "unknown", milliseconds: played)
  }

  /// How a playback ended.
  struct Ending: Equatable {
    var outcome: String?
    /// How long it really played, as far as that is known.
    var milliseconds: Int64?
  }
}

// MARK: Bytes

/// Pairs of texts, so that another version adds its own and loses none of these.
extension Playing {
  var bytes: [UInt8] {
    var writer = ByteWriter(reserving: 256)
    func put(_ name: String, _ text: String?) {
      guard let text else { return }
      writer.block(name.utf8)
      writer.block(text.utf8)
    }
    put("programme", programme)
    put("title", title)
    put("item", item?.description)
    put("operator", operatorName)
    put("occasion", occasion)
    put("audience", audience.map(String.init))
    put("note", note)
    put("prelude", prelude?.description)
    put("boot", boot)
    put("number", bootNumber.map(String.init))
    put("began", began.text)
    put("seen", seen.text)
    put("sight", sight.text)
    put("played", played.map(String.init))
    return writer.bytes
  }

  /// Nil for what no version wrote.
  init?(player: String, _ bytes: [UInt8]) {
    var texts: [String: String] = [:]
    do {
      var reader = ByteReader(bytes)
      while !reader.isAtEnd {
        let name = String(decoding: try reader.block(), as: UTF8.self)
        texts[name] = String(decoding: try reader.block(), as: UTF8.self)
      }
    } catch { return nil }
    guard let programme = texts["programme"],
      let began = texts["began"].flatMap(Moment.init(text:)),
      let seen = texts["seen"].flatMap(Moment.init(text:)),
      let sight = texts["sight"].flatMap(Moment.init(text:))
    else { return nil }
    self.player = player
    self.programme = programme
    title = texts["title"]
    item = texts["item"].flatMap { Dot($0) }
    operatorName = texts["operator"]
    occasion = texts["occasion"]
    audience = texts["audience"].flatMap { Int64($0) }
    note = texts["note"]
    prelude = texts["prelude"].flatMap { Dot($0) }
    boot = texts["boot"]
    bootNumber = texts["number"].flatMap { Int64($0) }
    (self.began, self.seen, self.sight) = (began, seen, sight)
    played = texts["played"].flatMap { Int64($0) }
  }
}

extension Moment {
  fileprivate var text: String {
    "\(wall) \(isVouched ? 1 : 0)" + (uptime.map { " \($0)" } ?? "")
  }

  fileprivate init?(text: String) {
    let numbers = text.split(separator: " ").map { Int64($0) }
    guard (2...3).contains(numbers.count), let wall = numbers[0], let vouched = numbers[1] else {
      return nil
    }
    self.init(uptime: numbers.count == 3 ? numbers[2] : nil, wall: wall, isVouched: vouched == 1)
  }
}
