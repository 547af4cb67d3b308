internal import Causality
internal import Records
internal import Replica

/// Playbacks in the log that rows without a known id may be about, by natural key; equal ones are
/// counted.
struct KnownPlaybacks {
  private var first: [ChainValue: Dot] = [:]
  /// Further ones with the same key: few.
  private var further: [ChainValue: [Dot]] = [:]

  init() {}

  init(_ survey: PlaybackSurvey, _ partition: PartitionID, _ store: Store) throws {
    guard let range = survey.range else { return }
    let operators = try OperatorRoll(partition.place, store)
    let columns = PlaybackColumn.allCases.map(\.rawValue)
    var first: [ChainValue: Dot] = [:]
    var further: [ChainValue: [Dot]] = [:]
    try store.scan(
      Village.playback, in: partition, columns: columns,
      within: (PlaybackColumn.started.rawValue, range)
    ) { dot, cells in
      guard !survey.named.contains(dot), let facts = PlaybackFacts(cells, operators) else { return }
      let key = facts.naturalKey
      if first[key] == nil { first[key] = dot } else { further[key, default: []].append(dot) }
    }
    (self.first, self.further) = (first, further)
  }

  /// A playback with this key; it counts once.
  mutating func take(_ key: ChainValue) -> Dot? {
    guard let dot = first[key] else { return nil }
    if let more = further[key], !more.isEmpty {
      first[key] = more[0]
      further[key] = Array(more.dropFirst())
    } else {
      first[key] = nil
    }
    return dot
  }
}
