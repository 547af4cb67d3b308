internal import Causality
internal import Exchange
internal import Replica
internal import Trust
internal import Village

/// What operators do to machines, and what happens to them.
extension World {
  // MARK: Operators

  func keeping(_ kind: Action.Kind, _ dice: inout Dice) throws {
    switch kind {
    case .release: try release(&dice)
    case .backUp: try backUp(&dice)
    case .move: try move(&dice)
    case .retire: try retire(&dice)
    case .rotate: try rotate(&dice)
    case .revoke: try revoke(&dice)
    default: try replace(&dice)
    }
  }

  private func release(_ dice: inout Dice) throws {
    guard let machine = dice.pick(working) else { return }
    let may = try oracle.releasable(machine)
    let before = try machine.replica.read { try $0.unreleased() }
    let count = try write(machine, "release") { try Release.run($0) }
    let after = try machine.replica.read { try $0.unreleased() }
    guard may.isSuperset(of: Set(before).subtracting(after)), !may.isEmpty || count ?? 0 == 0 else {
      throw Violation("released_early", "\(machine.name) has let go of what not all have heard of")
    }
    for (partition, vector) in machine.seen where !after.contains(partition) {
      machine.released[partition] = vector
    }
  }

  /// A verified copy, of which the machine says that it is safe.
  private func backUp(_ dice: inout Dice) throws {
    guard let machine = dice.pick(working) else { return }
    let path = "\(machine.folder)/backup.db"
    CardFiles.delete(path)
    try machine.replica.copy(to: path)
    machine.backup = path
    oracle.copied(machine)
    let vectors = machine.seen
    _ = try write(machine, "back up") { store in
      for partition in vectors.keys.sorted() {
        try store.setSafe(partition, vectors[partition] ?? VersionVector())
      }
    }
  }

  private func move(_ dice: inout Dice) throws {
    guard let station = dice.pick(stations), let hub = dice.pick(hubs) else { return }
    let last = station.code.segments.last ?? "1"
    guard let code = PlaceCode("\(hub.code.dotted).\(last)") else { return }
    _ = try write(root, "move") { store in
      guard let place = try Places.find(store, id: station.place),
        let to = try Places.find(store, id: hub.place)
      else { return }
      try Moving.order(store, place, to: to, code: code, url: nil)
    }
  }

  private func retire(_ dice: inout Dice) throws {
    guard let station = dice.pick(stations) else { return }
    _ = try write(dice.pick(hubs) ?? root, "retire") { store in
      guard let place = try Places.find(store, id: station.place) else { return }
      try Moving.retire(store, place, !place.isRetired)
    }
  }

  private func rotate(_ dice: inout Dice) throws {
    guard let machine = dice.pick(working) else { return }
    machine.add(secret: (0..<64).map { _ in UInt8(truncatingIfNeeded: dice.next()) })
    // Another machine of the same card has only the older keys.
    for other in at(machine.place) where other !== machine { other.isRevoked = true }
    try machine.restart()
    _ = try write(machine, "rotate") { try Keyring.rotated($0) }
  }

  private func revoke(_ dice: inout Dice) throws {
    guard let station = dice.pick(stations), let hub = try upper(of: station) else { return }
    let done: Void? = try write(hub, "revoke") { store in
      guard let place = try Places.find(store, id: station.place) else { return }
      try Keyring.revoke(place, store)
    }
    guard done != nil else { return }
    for machine in at(station.place) {
      machine.isRevoked = true
      // Whoever has not shown what it was invited with may still do so.
      if machine.invitation == nil { machine.revoker = hub.place }
    }
  }

  /// The machine is lost, and another takes the place.
  private func replace(_ dice: inout Dice) throws {
    guard machines.count < 20, let station = dice.pick(stations),
      let hub = try upper(of: station)
    else { return }
    let code = try hub.replica.read { try Places.find($0, id: station.place)?.code }
    guard let code,
      try hub.replica.read({ try Places.find($0, id: station.place)?.hub }) == hub.place
    else { return }
    let machine = try add(
      station.name + "'", station.code, .station, isNewer: station.schema == Versions.newer,
      secrets: [secret(dice.next())])
    let old = at(station.place).filter { $0 !== machine }
    let invitation = try write(hub, "replace") {
      try Membership.invite(
        $0, code: code, name: station.name, as: .station, ifNamedOtherwise: .rename, days: 36_500,
        replaces: true)
    }
    guard let invitation else {
      machine.isGone = true
      return
    }
    _ = try write(machine, "join") { try Membership.join($0, invitation) }
    machine.invitation = invitation.secret.bytes
    for other in old {
      // It may still be about, and what it says is not believed. But of two machines with one
      // invitation the first is believed, so here the other was never switched on again.
      other.isRevoked = true
      other.isGone = other.isGone || other.invitation == invitation.secret.bytes
    }
  }

  // MARK: Mishaps

  func mishap(_ kind: Action.Kind, _ dice: inout Dice) throws {
    guard let machine = dice.pick(working) else { return }
    switch kind {
    case .crash: try crash(machine)
    case .clock: machine.clockFault = dice.pick(MachineClock.Fault.allCases) ?? .none
    case .away: machine.isAway.toggle()
    case .setBack: try putBack(machine, machine.backup, isKnown: false)
    case .restore: try putBack(machine, machine.backup, isKnown: true)
    case .clone: try clone(machine)
    default: try freeze(machine)
    }
    count(kind.rawValue, machine)
  }

  /// The power goes: what was not closed is left as it was. A frozen card is again what it was once.
  private func crash(_ machine: Machine) throws {
    let left = "\(machine.folder)/left.db"
    if machine.image == nil { try CardFiles.copy(machine.path, to: left) }
    let image = machine.image
    if image != nil { machine.released = [:] }
    try machine.restart { try CardFiles.copy(image ?? left, to: machine.path) }
    try oracle.look(at: machine, isSetBack: image != nil)
  }

  /// The card is what a copy of it was. If an operator did it by `restore` the neighbours are asked.
  private func putBack(_ machine: Machine, _ copy: String?, isKnown: Bool) throws {
    guard let copy else { return }
    for other in machines where other.revoker == machine.place { other.revoker = nil }
    machine.released = [:]
    try machine.restart { try CardFiles.copy(copy, to: machine.path) }
    try oracle.look(at: machine, isSetBack: true)
    guard isKnown else { return }
    _ = try write(machine, "restored") { store in
      for (partition, vector) in try store.vectors() { try store.setSafe(partition, vector) }
      try PeerSession.mistrustAll(store)
    }
  }

  /// Another machine with a copy of the card, and both go on.
  private func clone(_ machine: Machine) throws {
    guard machine.role == .station, machines.count < 20 else { return }
    let card = "\(machine.folder)/clone.db"
    try machine.restart { try CardFiles.copy(machine.path, to: card) }
    let other = try add(
      machine.name + "+", machine.code, .station, isNewer: machine.schema == Versions.newer,
      secrets: machine.secrets, card: card)
    other.seen = machine.seen
    other.isRevoked = machine.isRevoked
    other.revoker = machine.revoker
    other.invitation = machine.invitation
  }

  /// From now on the card keeps nothing beyond a start; or it is mended.
  private func freeze(_ machine: Machine) throws {
    guard machine.role == .station else { return }
    guard machine.image == nil else {
      machine.image = nil
      return
    }
    let image = "\(machine.folder)/image.db"
    try machine.restart { try CardFiles.copy(machine.path, to: image) }
    machine.image = image
  }
}
