internal import Causality
internal import Replica
internal import Station
internal import Village
internal import Wording

/// What a station answers on its own machine: the same words, codes and hints as on the command
/// line.
extension LocalServer.Answers {
  static let station = Self(
    status: { try $0.read { try Status($0).json.text } },
    playing: { try $0.read { JSON.object([("playing", try PlayingJSON.list($0))]).text } },
    plan: { day, replica in try replica.read { try plan(day, $0).text } },
    change: { change, fields, replica in
      try replica.write { try Self.change(change, fields, $0).text }
    },
    failure: { error in
      let failure = Failure(error) ?? Failure(code: "internal", reason: "\(error)")
      return .init(kind(of: error), failure.json.text)
    })

  /// The slots of a day as this station takes them, by time; what is skipped here is left out. What
  /// counts for the whole week stands first, without a start.
  private static func plan(_ day: String?, _ store: Store) throws -> JSON {
    let zone = try Places.zone(store)
    let date =
      try day.map { try CivilDate(told: $0) } ?? Instant(seconds: store.now / 1000).date(in: zone)
    let items = try PlanBook.items(store).filter { $0.adjustment?.kind != .skipped }
    let slots = items.compactMap { item in ShownSlot(item, zone).map { (item, $0) } }
      .filter { $0.1.day == date }.sorted { $0.1.start < $1.1.start }
    let week = items.filter { $0.date == nil && $0.period == .week(ISOWeek(of: date)) }
    return .object([
      ("date", .text(date.description)),
      ("week", .list(week.map(PlanCommand.json))),
      (
        "slots",
        .list(
          slots.map { item, slot in
            .object([
              ("item", .text(item.dot.description)), ("start", .text(slot.time)),
              ("programme", .text(slot.programme)), ("title", .text(slot.title)),
              ("category", .optional(slot.category)), ("seconds", .optional(slot.seconds)),
              ("required", .flag(item.isRequired)),
              ("adjusted", .optional(item.adjustment?.kind.rawValue)),
            ])
          })
      ),
    ])
  }

  private static func change(
    _ change: LocalServer.Change, _ fields: [LocalField], _ store: Store
  ) throws -> JSON {
    let player = fields.first { $0.name == "player" }?.text ?? PlayingBook.keeper
    let given = fields.filter { $0.name != "player" }.map { (name: $0.name, text: $0.text) }
    switch change {
    case .start:
      return PlayingJSON.started(
        try PlayingBook.start(given, at: player, store), try Places.zone(store))
    case .stop:
      let dot = try PlayingBook.stop(given, at: player, store)
      return .object([("dot", .text(dot.description))])
    case .beat:
      try PlayingBook.beat(player, played: try played(given), store)
      return .object([])
    }
  }

  /// Milliseconds; nil if the player does not tell.
  private static func played(_ fields: [(name: String, text: String)]) throws -> Int64? {
    if let other = fields.first(where: { $0.name != "seconds" }) {
      throw VillageError(
        .unknownField, "a beat has no field “\(other.name)”",
        hint: "the fields are player, seconds")
    }
    return try fields.first.map { field in
      guard let seconds = Double(field.text), (0...1e9).contains(seconds) else {
        throw VillageError(.badValue, "seconds is no number", hint: "give seconds, such as 12.5")
      }
      return Int64(seconds * 1000)
    }
  }

  private static func kind(of error: any Error) -> LocalServer.Failure.Kind {
    switch error {
    case let error as VillageError where error.code == .nothingPlaying: .state
    case is VillageError, is LocalRefusal: .request
    default: .own
    }
  }
}
