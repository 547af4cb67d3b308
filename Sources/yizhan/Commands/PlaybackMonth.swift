internal import ArgumentParser
internal import Causality
internal import Replica
internal import Village
internal import Wording

/// The playbacks of a month, and what is missing in it.
struct PlaybackMonth {
  private let month: Month
  private let zone: TimeZoneOffset
  private let reaches: [PlaceID: Reach]
  private var looks: [PlaceID: PlaybackFlags] = [:]
  let filter: PlaybackFilter

  /// Throws `bad_period`.
  init(_ text: String, of place: PlaceID?, _ store: Store) throws {
    guard let month = Month(text) else {
      throw VillageError(
        .badPeriod, "\(text) is no month", hint: "write a month as 2026-03")
    }
    self.month = month
    zone = try Places.zone(store)
    let look = PlaybackFlags(month, zone: zone)
    filter = PlaybackFilter(place: place, from: look.from, to: look.to)
    reaches = try Reach.all(store).filter { place == nil || $0.key == place }
    // order: each place has its own.
    for station in reaches.keys { looks[station] = look }
  }

  /// Whether the playback is of the month; what lies before is only looked at.
  mutating func isListed(_ playback: PlaybackView) -> Bool {
    looks[playback.place, default: PlaybackFlags(month, zone: zone)].look(at: playback)
    return looks[playback.place]?.contains(playback.startedAt) ?? false
  }

  /// What was found, station by station.
  func flags(_ store: Store) throws -> [(station: String, flag: PlaybackFlag)] {
    var found: [(station: String, flag: PlaybackFlag)] = []
    // order: sorted below.
    for (place, look) in looks {
      let known = try Places.find(store, id: place)
      guard known?.isRetired != true else { continue }
      let reach = reaches[place] ?? Reach(until: look.from)
      let name = known?.code.dotted ?? place.description
      found += look.flags(reach).map { (name, $0) }
    }
    return found.sorted {
      ($0.station, $0.flag.dot == nil ? 0 : 1) < ($1.station, $1.flag.dot == nil ? 0 : 1)
    }
  }

  func json(_ store: Store) throws -> JSON {
    .list(
      try flags(store).map { station, flag in
        .object([
          ("station", .text(station)), ("reason", .text(flag.reason.rawValue)),
          ("dot", .optional(flag.dot?.description)),
        ])
      })
  }

  func lines(_ store: Store) throws -> [String] {
    let isOfMany = store.identity.role == .hub
    return try flags(store).map { station, flag in
      let what: Message =
        switch flag.reason {
        case .noThemeDay: "\(month) has no play of a theme day (no_theme_day)"
        case .noPrelude:
          "no short programme in the hour before the meeting \(flag.dot?.description ?? "") (no_prelude)"
        }
      return said(isOfMany ? "MISSING \(station): \(what)" : "MISSING \(what)")
    }
  }
}
