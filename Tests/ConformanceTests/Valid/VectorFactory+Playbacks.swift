import Bundles
import Causality
import Records
import Replica
import Village

/// Catalogues, and what a station plays.
extension VectorFactory {
  /// The programmes of the hub, as both sides of a bundle know them.
  static func townCatalogue() throws -> (world: VectorWorld, station: Replica, Catalogue) {
    let world = try VectorWorld()
    let hub = try world.hub()
    try hub.write { store in
      for programme in programmes {
        _ = try store.create(
          Village.programme, in: townPublic,
          [
            ("code", .text(programme.code)), ("title", .text(programme.title)),
            ("category", .text(programme.category)), ("seconds", .integer(programme.seconds)),
          ])
      }
    }
    let station = try world.station()
    try world.carry(hub, station, [townPublic])
    let catalogue = try station.write { store in
      try store.currentCatalogue(
        of: Village.programme.name, key: "code", attributes: ["title", "seconds"], in: townPublic)
    }
    return (world, station, try demanded(catalogue, "a catalogue"))
  }

  /// Everything that an attribute may be; not in the order of the keys.
  static let oddEntries: [(key: [UInt8], attributes: [Value])] = [
    (Array("sensor 3".utf8), [.text("sensor 1"), .integer(20), .null]),
    (Array("sensor 1".utf8), [.null, .text("deep"), .dot(Dot(Epoch(bits: 7), 3))]),
    (Array("sensor 2".utf8), [.text("北坡"), .integer(-5), .text("spare")]),
    ([], [.text("北坡"), .integer(Int64.max), .integer(1)]),
    (Array("sensor".utf8), [.integer(4), .integer(Int64.min), Value(bytes: [9, 9])]),
    (Array("sensor 4".utf8), [Value(bytes: [2, 0xFF, 0xFE]), Value(bytes: [1, 0x80, 0]), .null]),
  ]

  static let oddCatalogue = Catalogue(oddEntries)

  static func catalogues() throws -> [Vector] {
    let known = programmes.map {
      (Array($0.code.utf8), [Value.text($0.title), .integer($0.seconds)])
    }
    let town = try townCatalogue().2
    try demand(town.bytes == Catalogue(known).bytes, "the catalogue of the hub")
    return [
      catalogue("programmes", "Five programmes with titles and seconds.", town, known),
      catalogue(
        "odd-attributes",
        "Attributes that are null, of several kinds, of no kind, not UTF-8, and equal to keys; "
          + "keys that begin alike, and an empty one.",
        oddCatalogue, oddEntries.sorted { $0.key.lexicographicallyPrecedes($1.key) }),
    ]
  }

  private static func catalogue(
    _ name: String, _ about: String, _ catalogue: Catalogue,
    _ entries: [(key: [UInt8], attributes: [Value])]
  ) -> Vector {
    let saying = JSON.object([
      ("identity", .text(hex(number: catalogue.identity))),
      (
        "entries",
        .list(
          entries.map { entry in
            .object([
              ("key", .text(String(decoding: entry.key, as: UTF8.self))),
              ("attributes", .list(entry.attributes.map(\.saying))),
            ])
          })
      ),
    ])
    return Vector(
      name: name, kind: .catalogue, about: about, bytes: catalogue.bytes, outcome: .says(saying))
  }

  // MARK: Playbacks

  static func playbacks() throws -> [Vector] {
    let (world, station, catalogue) = try townCatalogue()
    try play(day(14), at: station)
    let plain = try world.bundle(station, to: VectorWorld.town, [log])
    let short = try world.bundle(
      station, to: VectorWorld.town, [log], .init(catalogue: catalogue))
    return [
      .valid("one-playback", "One playback, the first of its station.", try onePlayback()),
      .valid(
        "example-of-events", "The bundle of events that Protocol/03 takes apart.",
        try exampleOfEvents()),
      .valid("day-of-playbacks", "A day of fourteen playbacks, without a catalogue.", plain),
      .valid(
        "day-of-playbacks-with-catalogue",
        "The same day, coded with the catalogue of programmes.", short, catalogue: "programmes"),
      .valid(
        "second-day", "What was played since the receipt: the base is not empty.",
        try secondDay()),
      .valid(
        "long-notes", "A hundred playbacks with notes: the piece follows the manifest.",
        try longNotes()),
    ]
  }

  private static func onePlayback() throws -> Telling {
    let world = try VectorWorld()
    let station = try world.station()
    try play([Playback(audience: 23)], at: station)
    return try world.bundle(station, to: VectorWorld.town, [log])
  }

  private static func exampleOfEvents() throws -> Telling {
    let hub = Epoch(bits: 0xA1A1_A1A1_A1A1_A1A1)
    let world = try VectorWorld(epochs: [0xB2B2_B2B2_B2B2_B2B2])
    let station = try world.station()
    try play(
      [
        Playback(audience: 23),
        Playback(
          programme: "P02", title: "水稻育苗", item: Dot(hub, 9), started: start + 600, seconds: 900,
          occasion: "农技培训"),
        Playback(
          started: start + 1500, seconds: 120, audience: -1, person: "o2", outcome: "power_lost",
          note: "停电"),
      ], at: station)
    let receipt = Receipt(partition: townPublic, received: VersionVector(Dot(hub, 9)))
    return try world.bundle(
      station, to: VectorWorld.town, [log], .init(receipts: [receipt], number: 7))
  }

  private static func secondDay() throws -> Telling {
    let world = try VectorWorld()
    let station = try world.station()
    try play(day(6), at: station)
    let base = try station.vector(log)
    world.wait(seconds: 86_400)
    try play(
      secondMachineStart(after: try demanded(base.entries.first?.dot, "a base")), at: station)
    return try world.bundle(
      station, to: VectorWorld.town, [log], .init(bases: [log: base], number: 2))
  }

  /// The machine was started again, its clock was set after the third playback, and a short
  /// programme was shown before a meeting.
  private static func secondMachineStart(after base: Dot) -> [Playback] {
    var playbacks = day(9, from: start + 86_400)
    for index in playbacks.indices {
      playbacks[index].boot = 2
      playbacks[index].booted = start + 85_000 + (index < 3 ? 0 : 3600)
    }
    playbacks[6].occasion = "会前播放"
    playbacks[7].occasion = "党员大会"
    playbacks[7].prelude = Dot(base.epoch, base.sequence + 7)
    return playbacks
  }

  private static func longNotes() throws -> Telling {
    let world = try VectorWorld()
    let station = try world.station()
    var random = SplitMix64(seed: 5)
    let characters = (0x4E00..<0x4F00).compactMap { Unicode.Scalar($0) }.map { String($0) }
    var playbacks = day(100)
    for index in playbacks.indices where index % 4 != 3 {
      playbacks[index].note = (0..<20).map { _ in random.pick(characters) }.joined()
    }
    try play(playbacks, at: station)
    let telling = try world.bundle(station, to: VectorWorld.town, [log])
    try demand(telling.manifest.deltas[0].pieces[0].following > 0, "a piece behind")
    return telling
  }
}
