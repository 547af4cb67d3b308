internal import Causality
internal import Exchange
internal import Records
internal import Replica
internal import Village
internal import Wording

/// What each kind of action does. Choices come from the action's own dice.
extension World {
  func perform(_ action: Action) throws {
    var dice = Dice(seed, "action", UInt64(action.number))
    // Mostly minutes, now and then a season.
    now += Int64(dice.below(dice.chance(4) ? 8_000_000 : 40_000)) * 1000
    begin(action.number + 1)
    oracle.note("\(action.number) \(action.kind)")
    if Self.disturbing.contains(action.kind) { isDisturbed = true }
    switch action.kind {
    case .play, .plan, .edit, .delete, .programme, .fail: try daily(action.kind, &dice)
    case .exchange, .loss, .cut: try link(action.kind, &dice)
    case .write, .read, .again, .damage: try road(action.kind, &dice)
    case .release, .backUp, .move, .retire, .rotate, .revoke, .replace:
      try keeping(action.kind, &dice)
    case .crash, .clock, .away, .setBack, .restore, .clone, .freeze:
      try mishap(action.kind, &dice)
    }
  }

  private static let disturbing: Set<Action.Kind> = [
    .move, .retire, .rotate, .revoke, .replace, .setBack, .restore, .clone, .freeze,
  ]

  // MARK: The day's work

  private func daily(_ kind: Action.Kind, _ dice: inout Dice) throws {
    switch kind {
    case .play: try play(&dice)
    case .programme: try programme(&dice)
    case .plan: try plan(&dice)
    case .fail: try fail(&dice)
    default: try change(kind, &dice)
    }
  }

  /// A station logs; now and then a clerk at a hub does it for one.
  private func play(_ dice: inout Dice) throws {
    guard let station = dice.pick(stations), let clerk = dice.pick(hubs) else { return }
    let author = dice.chance(85) ? station : clerk
    let log = PartitionID(station.place, .log)
    let count = 1 + dice.below(4)
    let cells = (0..<count).map { _ in Self.playback(author.schema, &dice) }
    _ = try write(author, "play") { store in
      try check(log, store)
      for cells in cells { _ = try store.log(author.schema.events[0], in: log, cells) }
    }
  }

  /// A clerk names a place, so it must be known.
  private func check(_ partition: PartitionID, _ store: Store) throws {
    guard try Places.find(store, id: partition.place) != nil else { throw Refusals.Planned() }
    try Ownership.check(partition, store, Message(told: "what is written"))
  }

  private static func playback(_ schema: Schema, _ dice: inout Dice) -> [EventCell] {
    schema.events[0].columns.map { column in
      switch column.name {
      case "programme": .text("P\(dice.below(4))")
      case "started": .integer(1_772_323_200 + Int64(dice.below(1000)) * 600)
      case "seconds": .integer(1500)
      case "note": dice.chance(30) ? .text(Self.text("note", dice.below(1000))) : .null
      case "clock": .text("trusted")
      case "volume": .integer(Int64(dice.below(11)))
      default: .null
      }
    }
  }

  /// Now and then a long one that hardly gets shorter, so that pieces follow the head of a bundle.
  private static func text(_ word: String, _ number: Int) -> String {
    guard number.isMultiple(of: 8) else { return "\(word) \(number)" }
    var dice = Dice(UInt64(number), "text")
    let words = (0..<(20 + dice.below(100))).map { _ in String(dice.next(), radix: 36) }
    return words.joined(separator: " ")
  }

  private func programme(_ dice: inout Dice) throws {
    guard let hub = dice.pick(hubs) else { return }
    let (code, seconds) = (dice.below(4), 60 * dice.below(40))
    _ = try write(hub, "programme") { store in
      let notices = PartitionID(hub.place, .public)
      let known = try store.records(Village.programme, in: notices).first {
        $0.text("code") == "P\(code)"
      }
      if let known {
        try store.update(
          Village.programme, known.id, in: notices, [("seconds", .integer(Int64(seconds)))])
      } else {
        _ = try store.create(
          Village.programme, in: notices,
          [("code", .text("P\(code)")), ("title", .text("programme \(code)"))])
      }
    }
  }

  /// An author and a partition with plans that may be its own to write.
  private func desk(_ dice: inout Dice) -> (author: Machine, partition: PartitionID)? {
    guard let author = dice.pick(working), let station = dice.pick(stations) else { return nil }
    if author.role == .station { return (author, PartitionID(author.place, .work)) }
    let isForAll = dice.chance(50)
    return (
      author,
      isForAll ? PartitionID(author.place, .public) : PartitionID(station.place, .work)
    )
  }

  private func plan(_ dice: inout Dice) throws {
    guard let (author, partition) = desk(&dice) else { return }
    let (number, isFault) = (dice.below(1000), dice.chance(30))
    let item = author.schema.record(Village.planItem.name) ?? Village.planItem
    _ = try write(author, "plan") { store in
      try check(partition, store)
      _ = try store.create(
        item, in: partition,
        [
          ("title", .text("item \(number)")), ("date", .text("2026-03-0\(1 + number % 9)")),
          ("start", .text("09:00")),
        ])
      if isFault, author.schema.record(Versions.fault.name) != nil, author.role == .station {
        _ = try store.create(
          Versions.fault, in: PartitionID(author.place, .urgent),
          [("text", .text("fault \(number)")), ("status", .text("open"))])
      }
    }
  }

  /// Changes or deletes an item that the author sees.
  private func change(_ kind: Action.Kind, _ dice: inout Dice) throws {
    guard let (author, partition) = desk(&dice) else { return }
    let item = author.schema.record(Village.planItem.name) ?? Village.planItem
    let known = try author.replica.read { try $0.records(item, in: partition).map(\.id) }.sorted()
    // Two authors often mean the same item, as clerk and keeper do.
    guard !known.isEmpty else { return }
    let id = known[dice.chance(60) ? 0 : dice.below(known.count)]
    let fields = item.fields.filter { ["title", "start", "note", "colour"].contains($0.name) }
    let first = dice.below(fields.count)
    let chosen = dice.chance(40) ? [first, (first + 1) % fields.count] : [first]
    let word = dice.chance(10) ? "" : Self.text("text", dice.below(1000))
    _ = try write(author, kind.rawValue) { store in
      try check(partition, store)
      guard kind == .edit else { return try store.delete(item, id, in: partition) }
      let values = chosen.map { (name: fields[$0].name, value: Value.text(word)) }
      try store.update(item, id, in: partition, values)
    }
  }

  /// Writes that end before they are durable: nothing of them may stay.
  private func fail(_ dice: inout Dice) throws {
    guard let station = dice.pick(stations) else { return }
    let cells = Self.playback(station.schema, &dice)
    _ = try write(station, "fail") { store in
      _ = try store.log(station.schema.events[0], in: PartitionID(station.place, .log), cells)
      _ = try store.create(
        station.schema.record(Village.planItem.name) ?? Village.planItem,
        in: PartitionID(station.place, .work), [("title", .text("never"))])
      throw Refusals.Planned()
    }
  }

  // MARK: Links and roads

  private func link(_ kind: Action.Kind, _ dice: inout Dice) throws {
    let lower = machines.filter { !$0.isGone && !$0.isAway && $0 !== root }
    guard let machine = dice.pick(lower), try upper(of: machine)?.isAway == false else { return }
    let fates: [Fate] =
      switch kind {
      case .loss: [.requestLost, .answerLost, .answerLate]
      case .cut: [.requestCut, .answerCut]
      default: [.well]
      }
    try exchange(machine, dice.pick(fates) ?? .well, cutAt: dice.next())
  }

  private func road(_ kind: Action.Kind, _ dice: inout Dice) throws {
    switch kind {
    case .write: try writeStick(&dice)
    case .again: try replay(&dice)
    default: try readStick(isDamaged: kind == .damage, &dice)
    }
  }

  private func writeStick(_ dice: inout Dice) throws {
    guard let machine = dice.pick(working) else { return }
    let stick = dice.below(post.sticks.count)
    let bytesMax = dice.chance(20) ? UInt64(200 + dice.below(2000)) : 1 << 20
    for neighbour in try machine.replica.read({ try Neighbours.all($0).map(\.place.id) }) {
      guard let sent = try compose(machine, to: neighbour, bytesMax: bytesMax) else { continue }
      post.put(
        Parcel(sender: machine.place, reader: neighbour, bytes: sent.bytes), on: stick)
    }
  }

  private func readStick(isDamaged: Bool, _ dice: inout Dice) throws {
    guard let machine = dice.pick(working) else { return }
    var parcels = post.sticks[dice.below(post.sticks.count)].filter { $0.reader == machine.place }
    if dice.chance(30) { parcels.reverse() }
    for parcel in parcels {
      var bytes = parcel.bytes
      if isDamaged {
        bytes =
          dice.chance(50) ? Parcel.cut(bytes, dice.next()) : Parcel.damaged(bytes, dice.next())
      }
      _ = try take(machine, bytes)
      if dice.chance(20) { _ = try take(machine, bytes) }
    }
  }

  /// Something from long ago turns up again, in any order.
  private func replay(_ dice: inout Dice) throws {
    for _ in 0...dice.below(3) {
      guard let parcel = dice.pick(post.parcels), let machine = dice.pick(at(parcel.reader)) else {
        return
      }
      _ = try take(machine, parcel.bytes)
    }
  }
}
