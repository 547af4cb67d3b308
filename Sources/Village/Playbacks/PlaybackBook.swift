package import Causality
internal import Records
package import Replica
internal import Wording

/// The playback log: what was really played. A playback is written once; who errs appends a
/// correction.
package enum PlaybackBook {
  static let collection = Village.playback.name

  /// Appends a playback; fields by the names of `PlaybackField` and as texts. A title is kept with
  /// it, so that it can be read for ever. `place` says whose it is; nil for this replica's own.
  /// The start is a person's word, not the machine's: its clock is `trusted` unless told otherwise.
  /// Before a meeting, the short programme is found by itself.
  ///
  /// Throws `not_owner`, `unknown_field`, `unknown_item`, `unknown_playback`, `bad_value`, `bad_time`,
  /// `ends_before_start` and `too_long`.
  package static func add(
    _ fields: [(name: String, text: String)], for place: Place? = nil, _ store: Store
  ) throws -> Dot {
    let place = place?.id ?? store.identity.place
    let partition = PartitionID(place, .log)
    try Ownership.check(partition, store, "the playback log")
    var facts = PlaybackFacts(programme: "", started: Instant(seconds: 0))
    facts.clock = ClockConfidence.trusted.rawValue
    var given = try parse(fields)
    if let item = given.first(where: { $0.field == .item }) {
      try facts.set(.item, item.text, zone: .china)
      facts.follow(try facts.item.map { try PlanBook.item($0, store) })
      given.removeAll { $0.field == .item }
    }
    guard given.contains(where: { $0.field == .startedAt }) else {
      throw VillageError(.badTime, "there is no start", hint: "say when the playback began")
    }
    try facts.set(given, zone: try Places.zone(store))
    facts.programme = try PlaybackFacts.programme(facts.programme)
    facts.title = try Programmes.byCode(store)[facts.programme]?.title ?? facts.title
    facts.prelude =
      try facts.prelude.map { try playback($0, store).dot }
      ?? Preludes.find(before: facts.started, at: facts.occasion, in: partition, store)
    return try write(facts, corrects: nil, in: partition, store)
  }

  /// Throws `unknown_playback`.
  static func playback(_ dot: Dot, _ store: Store) throws -> EventView {
    guard let event = try store.event(Village.playback, dot) else {
      throw VillageError(
        .unknownPlayback, "there is no playback \(dot) here",
        hint: "`yizhan playback list` lists the playbacks and their dots")
    }
    return event
  }

  /// Appends a correction of a playback: what `fields` say, and for the rest what was known.
  /// Returns the correction's own dot; the playback keeps its first dot in lists. Nothing is
  /// written if nothing differs.
  ///
  /// Throws `unknown_playback`, and what `add` throws.
  @discardableResult
  package static func correct(
    _ dot: Dot, _ fields: [(name: String, text: String)], _ store: Store
  ) throws -> Dot {
    let event = try playback(dot, store)
    try Ownership.check(event.partition, store, "the playback")
    let head = try Corrections(event.partition, store).head(of: dot)
    let operators = try OperatorRoll(event.partition.place, store)
    guard let last = try store.event(Village.playback, head),
      let before = PlaybackFacts(last.cells, operators)
    else {
      throw VillageError(.unknownPlayback, "the playback \(dot) cannot be read")
    }
    var facts = before
    let given = try parse(fields)
    if given.contains(where: { $0.field == .item }) {
      try facts.set(given.filter { $0.field == .item }, zone: .china)
      _ = try facts.item.map { try PlanBook.item($0, store) }
    }
    try facts.correct(given.filter { $0.field != .item }, zone: try Places.zone(store))
    if facts.prelude != before.prelude { _ = try facts.prelude.map { try playback($0, store) } }
    if facts.programme != before.programme {
      facts.title = try Programmes.byCode(store)[facts.programme]?.title
    }
    return facts == before ? head : try write(facts, corrects: head, in: event.partition, store)
  }

  static func write(
    _ facts: PlaybackFacts, corrects: Dot?, in partition: PartitionID, _ store: Store
  ) throws -> Dot {
    var operators = try OperatorRoll(partition.place, store)
    let code = try facts.operatorName.map { try operators.code(of: $0, store) }
    return try store.log(
      Village.playback, in: partition, facts.cells(operatorCode: code, corrects: corrects))
  }

  static func parse(
    _ fields: [(name: String, text: String)]
  ) throws(VillageError) -> [(field: PlaybackField, text: String)] {
    var parsed: [(field: PlaybackField, text: String)] = []
    for given in fields {
      let field = try PlaybackField(name: given.name)
      guard !parsed.contains(where: { $0.field == field }) else {
        throw VillageError(.badValue, "\(given.name) is given twice", hint: "give it once")
      }
      parsed.append((field, given.text))
    }
    if parsed.contains(where: { $0.field == .endedAt }),
      parsed.contains(where: { $0.field == .seconds })
    {
      throw VillageError(
        .badValue, "both an end and a length are given", hint: "give one of the two")
    }
    return parsed
  }
}

extension PlaybackFacts {
  /// Sets fields whose order does not matter to the person: the start before the end.
  fileprivate mutating func set(
    _ given: [(field: PlaybackField, text: String)], zone: TimeZoneOffset
  ) throws(VillageError) {
    for each in given where each.field != .endedAt { try set(each.field, each.text, zone: zone) }
    for each in given where each.field == .endedAt { try set(each.field, each.text, zone: zone) }
  }

  /// The same, but the end stays where it is if only the start is corrected.
  fileprivate mutating func correct(
    _ given: [(field: PlaybackField, text: String)], zone: TimeZoneOffset
  ) throws(VillageError) {
    let (start, end) = (started, ended)
    try set(given, zone: zone)
    let fields = given.map(\.field)
    guard started != start else { return }
    if !fields.contains(.endedAt), !fields.contains(.seconds) { try setEnd(end) }
    // Now a person says when it began, and no clock of the machine.
    (boot, booted) = (nil, nil)
    if !fields.contains(.clock) { clock = ClockConfidence.trusted.rawValue }
  }

  /// Takes over what a plan item says of its programme.
  mutating func follow(_ item: RecordView?) {
    guard let item else { return }
    programme = item.text("programme") ?? programme
    title = item.text("title")
  }
}
