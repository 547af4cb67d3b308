internal import Causality
internal import Records
internal import Replica

/// Playbacks in the log that rows without a known id may be about, by natural key; equal ones are
/// counted.
///
/// Names of operators travel after the log. Where a name has not come yet, a playback is matched by
/// the rest of its natural key, or a sheet would be taken twice.
struct KnownPlaybacks {
  private var named = Pool()
  private var unnamed = Pool()

  private struct Pool {
    var first: [ChainValue: Dot] = [:]
    /// Further ones with the same key: few.
    var further: [ChainValue: [Dot]] = [:]

    mutating func add(_ dot: Dot, _ key: ChainValue) {
      if first[key] == nil { first[key] = dot } else { further[key, default: []].append(dot) }
    }

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

  init() {}

  init(_ survey: PlaybackSurvey, _ partition: PartitionID, _ store: Store) throws {
    guard let range = survey.range else { return }
    let operators = try OperatorRoll(partition.place, store)
    let columns = PlaybackColumn.allCases.map(\.rawValue)
    var (named, unnamed) = (Pool(), Pool())
    try store.scan(
      Village.playback, in: partition, columns: columns,
      within: (PlaybackColumn.started.rawValue, range)
    ) { dot, cells in
      guard !survey.named.contains(dot), var facts = PlaybackFacts(cells, operators) else { return }
      if let name = facts.operatorName, !operators.knows(name: name) {
        facts.operatorName = nil
        unnamed.add(dot, facts.naturalKey)
      } else {
        named.add(dot, facts.naturalKey)
      }
    }
    (self.named, self.unnamed) = (named, unnamed)
  }

  /// A playback that the row may be about; it counts once.
  mutating func take(_ row: PlaybackRow) -> Dot? {
    if let dot = named.take(row.key) { return dot }
    guard !unnamed.first.isEmpty, row.facts.operatorName != nil else { return nil }
    var facts = row.facts
    facts.operatorName = nil
    return unnamed.take(facts.naturalKey)
  }
}
