import Bundles
import Causality
import Records
import Replica
import Village

/// Records that a hub and a station wrote at the same time.
extension VectorFactory {
  /// A hub and a station that hold the same plan item, and what becomes of it.
  private struct Pair {
    let world: VectorWorld
    let hub: Replica
    var station: Replica
    let item: Dot

    init() throws {
      world = try VectorWorld()
      hub = try world.hub()
      station = try world.station()
      item = try hub.write { store in
        try store.create(
          Village.planItem, in: work,
          [
            ("date", .text("2026-03-08")), ("start", .text("19:00")), ("programme", .text("P04")),
            ("title", .text("黄梅戏选段")), ("seconds", .integer(1800)),
          ])
      }
      try toStation()
    }

    func toStation() throws { try world.carry(hub, station, [work]) }
    func toHub() throws { try world.carry(station, hub, [work]) }

    func set(_ values: [(name: String, value: Value)], at replica: Replica) throws {
      world.wait(seconds: 10)
      try replica.write { try $0.update(Village.planItem, item, in: work, values) }
    }

    /// Both move the slot; the station writes a note, too.
    func move() throws {
      try set([("start", .text("20:00"))], at: hub)
      try set([("start", .text("18:30")), ("note", .text("会前播放"))], at: station)
      try toHub()
    }

    func delivered(base: VersionVector? = nil) throws -> Telling {
      try world.bundle(
        hub, to: VectorWorld.village, [work], base.map { .init(bases: [work: $0]) } ?? .init())
    }
  }

  static func merges() throws -> [Vector] {
    [
      .valid(
        "conflict",
        "Hub and station moved the same slot: two siblings, and a target of two leaves.",
        try conflict()),
      .valid(
        "settled-conflict",
        "A later write that saw both moves: the record's vector says more than its values.",
        try settled()),
      .valid(
        "base-of-two-leaves", "What was written since a receipt that has two leaves.",
        try sinceTwoLeaves()),
      .valid(
        "birth-of-two-parents", "A birth stands for two leaves; two births came before it.",
        try bornOfTwo()),
      .valid(
        "many-siblings", "Four epochs wrote one field without having seen each other.",
        try manySiblings()),
      .valid(
        "deleted-while-edited", "The hub deleted the item while the station edited it.",
        try deletedWhileEdited()),
      .valid(
        "deletion-alone", "Only the deletion is new since the receipt.", try deletionAlone()),
    ]
  }

  private static func conflict() throws -> Telling {
    let pair = try Pair()
    try pair.move()
    let telling = try pair.delivered()
    try demand(telling.manifest.deltas[0].target.entries.count == 2, "a target of two leaves")
    return telling
  }

  private static func settled() throws -> Telling {
    let pair = try Pair()
    try pair.move()
    try pair.set([("start", .text("18:30")), ("note", .text("已定"))], at: pair.hub)
    return try pair.delivered()
  }

  private static func sinceTwoLeaves() throws -> Telling {
    let pair = try Pair()
    try pair.move()
    let base = try pair.hub.vector(work)
    try pair.set([("required", .integer(1))], at: pair.hub)
    return try pair.delivered(base: base)
  }

  private static func bornOfTwo() throws -> Telling {
    var pair = try Pair()
    try pair.move()
    try pair.toStation()
    pair.station = try pair.world.reopenStation(pair.station)
    try pair.set([("note", .text("见通知"))], at: pair.station)
    try pair.toHub()
    return try pair.delivered()
  }

  private static func manySiblings() throws -> Telling {
    let pair = try Pair()
    let others = try ["a", "b", "c"].map { try pair.world.clone($0) }
    for other in others { try pair.world.carry(pair.hub, other, [work]) }
    for (number, other) in others.enumerated() {
      try pair.set([("note", .text("from clone \(number + 1)"))], at: other)
      try pair.world.carry(other, pair.hub, [work])
    }
    try pair.set([("note", .text("from the station"))], at: pair.station)
    try pair.toHub()
    let telling = try pair.delivered()
    try demand(telling.manifest.deltas[0].target.entries.count >= 4, "a target of four leaves")
    return telling
  }

  private static func deletedWhileEdited() throws -> Telling {
    let pair = try Pair()
    try pair.set([("note", .text("改期"))], at: pair.station)
    try pair.hub.write { try $0.delete(Village.planItem, pair.item, in: work) }
    try pair.toHub()
    return try pair.delivered()
  }

  private static func deletionAlone() throws -> Telling {
    let pair = try Pair()
    let base = try pair.hub.vector(work)
    try pair.hub.write { try $0.delete(Village.planItem, pair.item, in: work) }
    return try pair.delivered(base: base)
  }
}
