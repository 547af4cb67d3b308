internal import Causality
internal import Exchange
internal import Glibc
internal import Replica
internal import Village

/// Runs schedules and says what they broke.
package final class Simulation {
  package struct Outcome: Sendable {
    package let seed: UInt64
    package let actions: [Action]
    package let violation: Violation?
    /// Equal for equal seeds and actions.
    package let trace: UInt64
    /// How often each thing happened.
    package let counts: [String: Int]
  }

  private let templates: Templates
  private let folder: String

  /// `folder` is made and in the end deleted; best in memory.
  package init(folder: String) {
    self.folder = folder
    mkdir(folder, 0o700)
    templates = Templates(folder: folder + "/shapes")
  }

  deinit { CardFiles.remove(folder) }

  /// What a seed makes of so many actions.
  package func run(seed: UInt64, count: Int) throws -> Outcome {
    try run(seed: seed, Schedule.make(seed: seed, count: count))
  }

  /// The same violation with as few actions as could be found.
  package func shrink(_ outcome: Outcome) throws -> Outcome {
    guard let violation = outcome.violation else { return outcome }
    var shrinker = Shrinker(self, seed: outcome.seed, code: violation.code)
    return try run(seed: outcome.seed, shrinker.shrink(outcome.actions))
  }

  /// Throws only what is wrong with the simulation itself. `tell` gets a line for each thing that happens.
  package func run(
    seed: UInt64, _ actions: [Action], tell: ((String) -> Void)? = nil
  ) throws -> Outcome {
    let world: World
    do { world = try templates.world(seed: seed) } catch let error as Violation {
      // Not even the tree could be made.
      return Outcome(seed: seed, actions: [], violation: error, trace: 0, counts: [:])
    }
    world.oracle.tell = tell
    var violation: Violation?
    do {
      for action in actions { try world.perform(action) }
      try world.end()
    } catch let error as Violation { violation = error } catch {
      violation = Violation("unexpected", "\(error)")
    }
    return Outcome(
      seed: seed, actions: actions, violation: violation, trace: world.oracle.trace,
      counts: world.counts)
  }
}

extension World {
  /// All that goes wrong ends, and all must come together.
  func end() throws {
    for machine in machines {
      machine.isAway = false
      machine.clockFault = .none
      machine.image = nil
    }
    isHealing = true
    now += 3_600_000
    begin(1 << 30)
    for machine in lasting { try oracle.lookAtReceipts(machine) }
    let partitions = Set(lasting.flatMap { $0.seen.keys }).sorted()
    let wanted = lasting.flatMap { machine in
      partitions.map { ($0, oracle.union([machine], of: $0), machine) }
    }
    try settle()
    // What a machine brings that was replaced meanwhile is for people to look at.
    for (partition, sight, source) in wanted where !source.isRevoked {
      for machine in lasting where try mustHold(machine, partition) {
        guard !oracle.lacks(machine, partition, of: sight) else {
          throw Violation("lost", "\(machine.name) has not all of \(partition) in the end")
        }
      }
    }
    try fallSilent()
    for machine in lasting { try lookAtEnd(machine) }
    for machine in lasting { try lookAtReleases(machine) }
  }

  /// The root holds all; a place what is its own, and what is for all below a hub above it.
  private func mustHold(_ machine: Machine, _ partition: PartitionID) throws -> Bool {
    if machine === root || machine.place == partition.place { return true }
    guard partition.section == .public else { return false }
    var upper = try upper(of: machine)
    while let hub = upper, lasting.contains(where: { $0 === hub }) {
      if hub.place == partition.place { return true }
      guard hub !== root else { break }
      upper = try self.upper(of: hub)
    }
    return false
  }

  /// What was deleted leaves the disk when all who are to know of it do, and waits for nobody else.
  private func lookAtReleases(_ machine: Machine) throws {
    // A hub that a place has left may still wait for a word that goes to the next one.
    guard counts["move"] == nil else { return }
    let waitedFor = try machine.replica.read { store in
      let (own, above) = (machine.place, try Places.hub(store))
      let below: [PlaceID] =
        machine.role == .station
        ? []
        : try Tree(store).places.values.filter { place in
          guard !place.isRetired, place.id != own else { return false }
          // Whoever was here once and does not know it yet is waited for, too.
          return try place.hub == own || place.reached == own
            || place.hubs.contains(own) && store.contact(place.id).standing != 0
        }.map(\.id)
      return try below + [above].compactMap { $0 } + Keyring.returning(store).map(\.id)
    }
    let areAllThere = waitedFor.allSatisfy { place in
      at(place).count == 1 && lasting.contains { $0.place == place }
    }
    guard areAllThere else { return }
    _ = try write(machine, "release") { try Release.run($0) }
    if let partition = try machine.replica.read({ try $0.unreleased() }).first {
      throw Violation("not_released", "\(machine.name) keeps what was deleted in \(partition)")
    }
  }

  private func lookAtEnd(_ machine: Machine) throws {
    try oracle.lookAtReceipts(machine)
    try oracle.lookAtShown(machine)
    let (complaints, alarms) = try machine.replica.read { store in
      (
        try store.partitionIDs().flatMap { try store.complaints($0) },
        try store.alarms().map(\.code)
      )
    }
    if let complaint = complaints.first {
      throw Violation("damaged", "\(machine.name): \(complaint)")
    }
    for code in ["fork", "digest_mismatch"] where alarms.contains(code) {
      throw Violation("alarm_\(code)", "at \(machine.name)")
    }
    guard machine !== root, let upper = try upper(of: machine),
      lasting.contains(where: { $0 === upper })
    else { return }
    let shared = try machine.replica.read { try Neighbours.above($0)?.shared } ?? []
    for partition in shared {
      let (own, other) = (machine.seen[partition], upper.seen[partition])
      guard own ?? VersionVector() == other ?? VersionVector() else {
        throw Violation(
          "not_equal",
          "\(machine.name) and \(upper.name) differ in \(partition): \(own.map(\.description) ?? "-") and \(other.map(\.description) ?? "-")"
        )
      }
    }
  }
}
