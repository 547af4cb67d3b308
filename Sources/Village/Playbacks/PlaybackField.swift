internal import Causality
internal import Replica
internal import Wording

/// What people say of a playback, by the names of sheets' columns.
package enum PlaybackField: String, CaseIterable, Sendable {
  case programme
  case item
  case startedAt = "started_at"
  case endedAt = "ended_at"
  case seconds
  case audience
  case `operator`
  case occasion
  case outcome
  case note
  case clock
  case prelude

  /// Throws `unknown_field`.
  init(name: String) throws(VillageError) {
    guard let field = Self(rawValue: name) else {
      let known = Message.list(Self.allCases.map(\.rawValue))
      throw VillageError(
        .unknownField, "a playback has no field “\(CellText.shown(name))”",
        hint: "the fields are \(known)")
    }
    self = field
  }
}

extension PlaybackFacts {
  /// Sets a field from a person's text; an empty one clears it.
  ///
  /// Throws `bad_value` or `bad_time`. The end is set by `setEnd`.
  mutating func set(
    _ field: PlaybackField, _ text: String, zone: TimeZoneOffset
  ) throws(VillageError) {
    let word = CellText.trimmed(text)
    let content = word.isEmpty ? nil : word
    switch field {
    case .programme: programme = try Self.programme(word)
    case .item: item = try content.map { text throws(VillageError) in try Self.item(text) }
    case .startedAt: started = try Self.instant(word, zone: zone)
    case .endedAt:
      let end = try content.map { text throws(VillageError) in
        try Self.instant(text, zone: zone)
      }
      try setEnd(end)
    case .seconds:
      seconds = try CellText.count(text, of: field.rawValue)
      if let seconds { try Self.check(seconds) }
    case .audience: audience = try CellText.count(text, of: field.rawValue)
    case .operator: operatorName = content
    case .occasion: occasion = content
    case .outcome: outcome = content
    case .note: note = content == nil ? nil : text
    case .clock: clock = try Self.clock(content)
    case .prelude: prelude = try content.map { text throws(VillageError) in try Self.prelude(text) }
    }
  }

  /// Throws `ends_before_start`.
  mutating func setEnd(_ end: Instant?) throws(VillageError) {
    guard let end else {
      seconds = nil
      return
    }
    guard end >= started else {
      throw VillageError(
        .endsBeforeStart, "the playback ends before it starts",
        hint: "check both times and their offsets")
    }
    try Self.check(end.seconds - started.seconds)
    seconds = end.seconds - started.seconds
  }

  /// Longer than a day is a slip of the hand, or a stop that was forgotten.
  static let secondsMax: Int64 = 86_400

  /// Throws `too_long`.
  static func check(_ seconds: Int64) throws(VillageError) {
    guard seconds <= secondsMax else {
      throw VillageError(
        .tooLong, "a playback of \(seconds / 3600) hours is longer than a day",
        hint: "check both dates; say with --end or --seconds how long it really was")
    }
  }

  static func programme(_ word: String) throws(VillageError) -> String {
    guard !word.isEmpty else {
      throw VillageError(.badValue, "there is no programme", hint: "give its code")
    }
    return word
  }

  static func instant(_ word: String, zone: TimeZoneOffset) throws(VillageError) -> Instant {
    guard let instant = Instant(word, zone: zone) else {
      throw VillageError(
        .badTime,
        word.isEmpty ? "there is no time" : "“\(CellText.shown(word))” is no date and time",
        hint: "write times as 2026-03-05T09:30:00, with +08:00 behind it if need be")
    }
    return instant
  }

  private static func item(_ word: String) throws(VillageError) -> Dot {
    guard let dot = Dot(word) else {
      throw VillageError(
        .unknownItem, "“\(CellText.shown(word))” is no dot of a plan item",
        hint: "`yizhan plan show` lists the items and their dots")
    }
    return dot
  }

  private static func prelude(_ word: String) throws(VillageError) -> Dot {
    guard let dot = Dot(word) else {
      throw VillageError(
        .unknownPlayback, "“\(CellText.shown(word))” is no dot of a playback",
        hint: "`yizhan playback list` lists the playbacks and their dots")
    }
    return dot
  }

  private static func clock(_ word: String?) throws(VillageError) -> String {
    let word = word ?? ClockConfidence.trusted.rawValue
    guard ClockConfidence(rawValue: word) != nil else {
      let known = Message.list(ClockConfidence.allCases.map(\.rawValue))
      throw VillageError(
        .badValue, "clock is “\(CellText.shown(word))”", hint: "it may be \(known)")
    }
    return word
  }
}
