internal import Causality
internal import Records
package import Replica
internal import Wording

/// How playbacks count against a plan. A hub lays them down for itself and all below it; where it
/// has not, the hub above it has, or else these defaults hold.
package struct PlayedRules: Equatable, Sendable {
  /// What can be laid down, by its name in the collection `setting`.
  package enum Name: String, CaseIterable, Sendable {
    case onTimeMinutes = "on_time_minutes"
    case lateDays = "late_days"
    case secondsMin = "seconds_min"
    case onceADay = "once_a_day"
    case countMax = "count_max"
    case dueBeforeIssue = "due_before_issue"
  }

  /// A playback that begins at most so long before or after a slot's start is on time.
  package var onTimeMinutes: Int64 = 30
  /// A playback that begins after that, on the slot's day or up to so many days later, is late.
  package var lateDays: Int64 = 1
  /// A playback counts if it lasted so long; one of a shorter programme if it lasted as long as that.
  package var secondsMin: Int64 = 60
  /// 1: of the playbacks of one programme on one day no more count than were planned, and one if
  /// none was.
  package var onceADay: Int64 = 1
  /// So many playbacks of one programme count in a month at most; 0 for any number.
  package var countMax: Int64 = 0
  /// 0: a slot whose time was over when its plan went out is not due. Plans that are entered
  /// afterwards, from paper, want 1.
  package var dueBeforeIssue: Int64 = 1

  package init() {}

  package subscript(name: Name) -> Int64 {
    get {
      switch name {
      case .onTimeMinutes: onTimeMinutes
      case .lateDays: lateDays
      case .secondsMin: secondsMin
      case .onceADay: onceADay
      case .countMax: countMax
      case .dueBeforeIssue: dueBeforeIssue
      }
    }
    set {
      switch name {
      case .onTimeMinutes: onTimeMinutes = newValue
      case .lateDays: lateDays = newValue
      case .secondsMin: secondsMin = newValue
      case .onceADay: onceADay = newValue
      case .countMax: countMax = newValue
      case .dueBeforeIssue: dueBeforeIssue = newValue
      }
    }
  }

  private static func range(_ name: Name) -> ClosedRange<Int64> {
    switch name {
    case .onTimeMinutes: 0...720
    case .lateDays: 0...31
    case .secondsMin: 0...86_400
    case .onceADay, .dueBeforeIssue: 0...1
    case .countMax: 0...10_000
    }
  }

  /// `on_time_minutes=30 late_days=1 …`: what a report that stands was made by.
  package var text: String {
    Name.allCases.map { "\($0.rawValue)=\(self[$0])" }.joined(separator: " ")
  }

  /// Reads what `text` gave; what it does not know it leaves.
  package init(text: String) {
    self.init()
    for word in text.split(separator: " ") {
      let parts = word.split(separator: "=")
      if parts.count == 2, let name = Name(rawValue: String(parts[0])), let value = Int64(parts[1])
      {
        self[name] = value
      }
    }
  }

  // MARK: Settings

  /// What holds here.
  package static func held(_ store: Store) throws -> PlayedRules {
    var rules = PlayedRules()
    let places = [store.identity.place] + (try Places.ancestors(store))
    // The uppermost first, so that the nearest prevails.
    for place in places.reversed() {
      for record in try settings(of: place, store) {
        if let name = record.text("name").flatMap(Name.init), let value = record.integer("value"),
          range(name).contains(value)
        {
          rules[name] = value
        }
      }
    }
    return rules
  }

  /// Lays a value down for this hub and all below it.
  ///
  /// Throws `not_owner` at a station, `unknown_field` and `bad_value`.
  package static func lay(_ name: String, _ text: String, _ store: Store) throws {
    let partition = PartitionID(store.identity.place, .public)
    try Ownership.check(partition, store, "the rules of reports")
    guard let known = Name(rawValue: name) else {
      throw VillageError(
        .unknownField, "there is no rule “\(CellText.shown(name))”",
        hint: "the rules are \(Message.list(Name.allCases.map(\.rawValue)))")
    }
    guard let value = Int64(CellText.trimmed(text)), range(known).contains(value) else {
      let range = range(known)
      throw VillageError(
        .badValue, "\(name) is “\(CellText.shown(text))”",
        hint: "give a number from \(range.lowerBound) to \(range.upperBound)")
    }
    let before = try settings(of: store.identity.place, store).first { $0.text("name") == name }
    if let before {
      guard before.integer("value") != value else { return }
      try store.update(Village.setting, before.id, in: partition, [("value", .integer(value))])
    } else {
      _ = try store.create(
        Village.setting, in: partition, [("name", .text(name)), ("value", .integer(value))])
    }
  }

  /// Of two records of one name, which two replicas made apart, the newer is read.
  private static func settings(of place: PlaceID, _ store: Store) throws -> [RecordView] {
    try store.records(Village.setting, in: PartitionID(place, .public)).sorted { $0.id < $1.id }
  }
}
