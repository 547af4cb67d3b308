internal import Causality
internal import Glibc
internal import Replica
internal import Village

/// Trees to begin with. Making one costs many writes, so each shape is made once and copied.
final class Templates {
  /// For each place the number of the hub above it, in order; the first is the root.
  private struct Shape: Hashable {
    let hubs: Int
    /// The hub of each station.
    let stations: [Int]
    /// Which machines run a newer version, as bits.
    let newer: UInt64
  }

  private struct Made {
    let machines: [(name: String, code: PlaceCode, role: Role, card: String)]
    let seen: [[PartitionID: VersionVector]]
    let oracle: Oracle
  }

  private static let shapes: [(hubs: Int, stations: [Int])] = [
    (1, [0, 0]), (1, [0, 0, 0]), (2, [1, 1]), (2, [1, 1, 0]), (3, [1, 2]), (3, [1, 2, 2]),
    (3, [1, 1, 2, 2]), (3, [0, 1, 1, 2, 2, 2]), (1, [0, 0, 0, 0, 0, 0]),
    (3, [0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]),
  ]

  private let folder: String
  private var made: [Shape: Made] = [:]

  init(folder: String) {
    self.folder = folder
    mkdir(folder, 0o700)
  }

  deinit { CardFiles.remove(folder) }

  /// A world whose tree the seed has chosen; small ones come more often.
  func world(seed: UInt64) throws -> World {
    var dice = Dice(seed, "shape")
    let number = min(dice.below(Self.shapes.count), dice.below(Self.shapes.count))
    let isMixed = dice.chance(25)
    let shape = Shape(
      hubs: Self.shapes[number].hubs, stations: Self.shapes[number].stations,
      newer: isMixed ? UInt64(1 + dice.below(3)) * 0b10_0101 : 0)
    let template = try made[shape] ?? make(shape)
    made[shape] = template
    let world = World(seed: seed, folder: "\(folder)/run")
    for (index, machine) in template.machines.enumerated() {
      try world.add(
        machine.name, machine.code, machine.role, isNewer: shape.newer >> UInt64(index) & 1 == 1,
        card: machine.card
      ).seen = template.seen[index]
    }
    world.oracle = template.oracle
    return world
  }

  private func make(_ shape: Shape) throws -> Made {
    let world = World(seed: 0, folder: "\(folder)/making")
    try grow(world, shape)
    world.begin(0)
    try world.settle()
    let kept = "\(folder)/shape\(made.count)"
    mkdir(kept, 0o700)
    var machines: [(name: String, code: PlaceCode, role: Role, card: String)] = []
    for (index, machine) in world.machines.enumerated() {
      machine.end()
      let card = "\(kept)/\(index).db"
      try CardFiles.copy(machine.path, to: card)
      machines.append((machine.name, machine.code, machine.role, card))
    }
    return Made(machines: machines, seen: world.machines.map(\.seen), oracle: world.oracle)
  }

  private func grow(_ world: World, _ shape: Shape) throws {
    func code(_ text: String) throws -> PlaceCode {
      guard let code = PlaceCode(text) else { throw Violation("bad_code", text) }
      return code
    }
    func add(_ name: String, _ text: String, _ role: Role) throws -> Machine {
      try world.add(
        name, try code(text), role,
        isNewer: shape.newer >> UInt64(world.machines.count) & 1 == 1)
    }
    let root = try add("hub0", "34.01", .hub)
    _ = try world.write(root, "found") {
      try Membership.found($0, code: root.code, name: "hub0", zone: .china)
    }
    for number in 1..<max(shape.hubs, 1) {
      try world.join(add("hub\(number)", "34.01.\(20 + number)", .hub), to: root)
    }
    for (index, hub) in shape.stations.enumerated() {
      let above = world.machines[hub]
      try world.join(add("s\(index)", "\(above.code.dotted).\(100 + index)", .station), to: above)
    }
  }
}
