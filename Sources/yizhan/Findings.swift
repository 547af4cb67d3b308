internal import Exchange
internal import Mailbag
internal import Replica
internal import Village
internal import Wording

/// Everything that `check` tells of a data folder, beside the technical result.
struct Findings {
  private let folder: DataFolder
  private(set) var list: [Finding] = []
  private(set) var complaints: [String] = []
  private(set) var partitions = 0

  var isWell: Bool { !list.contains { $0.weight == .wrong } }

  /// Throws `not_a_replica` and what keeps a program from reading at all.
  init(_ folder: DataFolder) throws {
    self.folder = folder
    guard !folder.swap.isUnfinished else {
      list.append(
        Finding(
          code: "repair_unfinished", .wrong, "the repair of this folder was cut short",
          safe: "the old database is set aside whole, and the new one is ready",
          next: "run `yizhan repair --data \(folder.path)` again: it goes on where it was"))
      return
    }
    try folder.requireDatabase()
    lookAtKeys()
    do {
      let replica = try folder.openForReading()
      complaints = try replica.integrity()
      isDamaged = !complaints.isEmpty
      if !isDamaged { try replica.read { try look($0) } }
    } catch let error as ReplicaError {
      guard error.code == .databaseDamaged || error.code == .notAReplica else { throw error }
      complaints.append(error.reason)
      isDamaged = true
    }
    if isDamaged { list.insert(damage(), at: 0) }
    lookAside()
  }

  private var isDamaged = false

  // MARK: The keys

  private mutating func lookAtKeys() {
    do { _ = try KeyFile(folder: folder.path).required() } catch {
      guard let failure = Failure(error) else { return }
      list.append(
        Finding(
          failure,
          safe: "nothing of the database is lost; without the keys nothing can be exchanged"))
    }
  }

  // MARK: The content

  private mutating func look(_ store: Store) throws {
    for id in try store.partitionIDs() {
      complaints += try store.complaints(id)
      partitions += 1
    }
    isDamaged = !complaints.isEmpty
    let zone = try Places.zone(store)
    try lookAtAlarms(store, zone)
    try lookAtComeback(store, zone)
    lookAtClock(store)
    try lookAtNeighbours(store)
  }

  private mutating func lookAtAlarms(_ store: Store, _ zone: TimeZoneOffset) throws {
    let alarms = try store.alarms()
    complaints += alarms.map { "\($0.code): \($0.text)" }
    var told: [String] = []
    for alarm in alarms where !told.contains(alarm.code) {
      told.append(alarm.code)
      let same = alarms.filter { $0.code == alarm.code }
      let since = Instant(seconds: alarm.at / 1000).shortText(in: zone)
      let words = Self.alarms[alarm.code] ?? Self.otherAlarm
      list.append(
        Finding(
          code: alarm.code, .wrong,
          same.count > 1
            ? "\(words.what) (since \(since), \(same.count) times)"
            : "\(words.what) (since \(since))",
          safe: words.safe, next: words.next))
    }
  }

  private mutating func lookAtComeback(_ store: Store, _ zone: TimeZoneOffset) throws {
    if let (how, at) = try Comeback.last(store) {
      let time = Instant(seconds: at / 1000).shortText(in: zone)
      list.append(
        Finding(
          code: how.rawValue, .note,
          how == .restored
            ? "this folder was restored from a backup on \(time) and has written in new epochs since"
            : "this folder was repaired on \(time) and has written in new epochs since",
          safe: "no write is named twice; what the neighbours hold comes back with the exchanges",
          next: "nothing: that the hub notes `place_diverged` is right and does no harm"))
    }
    let waiting = try store.salvagedPartitions().reduce(0) { $0 + $1.writes }
    guard waiting > 0 else { return }
    list.append(
      Finding(
        code: "saved_waiting", .note,
        "\(waiting) values that were saved from the damaged database wait for the hub's answer",
        safe: "they are in the database; those that the hub lacks are written again by themselves",
        next: "exchange with the hub, by link or by a stick there and back"))
  }

  private mutating func lookAtClock(_ store: Store) {
    guard let sight = store.clockSight else {
      guard !store.isClockPlausible else { return }
      return list.append(
        Finding(
          code: "clock_wrong", .wrong, "this machine's clock shows a year that cannot be",
          safe: "nothing is lost by that; playbacks are marked as of an unknown time",
          next: "set the clock, or exchange with the hub, which tells the time"))
    }
    list.append(
      Finding(
        code: "clock_wrong", sight.isCorrected ? .note : .wrong, Status.words(sight),
        safe: "no merge goes by a clock; only the times that people read may be wrong",
        next: sight.isCorrected
          ? "nothing until the next start; a new clock battery helps for good"
          : "look at a watch and set this machine's clock, or the hub's if that one is wrong"))
  }

  private mutating func lookAtNeighbours(_ store: Store) throws {
    var (waiting, refused): (UInt64, [String]) = (0, [])
    for neighbour in try Neighbours.all(store) {
      if neighbour.isAbove {
        for partition in neighbour.shared {
          let received = try store.mark(of: neighbour.place.id, partition).received
          waiting += try store.lacking(partition, beyond: received)
        }
      }
      refused += try store.refusals(.peer, with: neighbour.place.id).compactMap(\.refused)
    }
    if waiting > 0 {
      list.append(
        Finding(
          code: "waiting", .note, "\(waiting) writes wait until the hub has confirmed them",
          safe: "they are in this database, and nowhere else as far as is known here",
          next:
            "`yizhan sync --data \(folder.path)`, or `yizhan bundle export --data \(folder.path) --to STICK`"
        ))
    }
    if !refused.isEmpty {
      list.append(
        Finding(
          code: "refused", .note,
          "a neighbour has refused some of what was written here: \(Message.list(Set(refused).sorted()))",
          safe: "it is kept here, and goes again with each exchange",
          next: "see `yizhan status --data \(folder.path)` for what and why"))
    }
  }

  // MARK: What was kept aside

  private mutating func lookAside() {
    let count = (try? Aside(folder.asidePath).items().count) ?? 0
    guard count > 0 else { return }
    list.append(
      Finding(
        code: "aside", .note, "\(count) bundles were refused and are kept aside",
        safe: "nothing of them was taken in, and nothing of them is lost",
        next: "look into them with `yizhan review list --data \(folder.path)`"))
  }

  // MARK: Damage

  private func damage() -> Finding {
    do {
      let saved = try Saved(PrivateCopy(of: folder))
      return Finding(
        code: "database_damaged", .wrong,
        "the database of \(saved.name) is damaged, by a bad disk or a power cut most likely",
        safe:
          "what the hub has confirmed is safe there; of what it has not, \(saved.playbacks) playbacks and \(saved.others) other writes can still be read here",
        next:
          "run `yizhan repair --data \(folder.path)`; it throws nothing away. Then exchange with the hub"
      )
    } catch {
      return Finding(
        code: "database_damaged", .wrong, "the database is damaged, and nothing in it can be read",
        safe:
          "what the hub has confirmed is safe there; what it has not is lost, unless a copy of the disk tells more",
        next:
          "restore a backup with `yizhan restore`; or run `yizhan hub invite --replace` at the hub and `yizhan station join` here, in a new folder"
      )
    }
  }
}
