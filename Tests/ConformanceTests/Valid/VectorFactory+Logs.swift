import Bundles
import Causality
import Records
import Replica
import Village

/// Logs of several epochs and collections.
extension VectorFactory {
  /// A collection of a later version, with each kind of cell foretold in each way there is.
  static let soil = EventCollection(
    "soil_reading",
    [
      Column("sensor", .text, .key), Column("slope", .text, .attribute(0, of: "sensor")),
      Column("depth", .integer, .attribute(1, of: "sensor")),
      Column("cause", .dot, .attribute(2, of: "sensor")),
      Column("taken", .integer, .after(["taken", "pause"])), Column("pause", .integer),
      Column("crew", .text, .previous), Column("round", .integer, .previous),
      Column("visit", .dot, .previous), Column("remark", .text, given: "depth"),
      Column("value", .integer, given: "slope"), Column("plan", .dot, given: "crew"),
      Column("total", .integer, .after(["value", "value", "round"])), Column("unused", .text),
    ])

  private static let fault = EventCollection(
    "fault",
    [Column("what", .text), Column("seen", .integer, .after(["seen"])), Column("playback", .dot)])

  private static func schema(_ events: [EventCollection]) -> Schema {
    Schema(records: Village.schema.records, events: Village.schema.events + events)
  }

  static func logs() throws -> [Vector] {
    let plain = try soilReadings(nil)
    return [
      .valid(
        "forty-births", "Forty restarts with one playback each: forty births, one leaf.",
        try fortyBirths(since: 0)),
      .valid(
        "births-since-receipt", "What is new after thirty of forty restarts: ten births.",
        try fortyBirths(since: 30)),
      .valid(
        "epochs-and-collections-interleaved",
        "Three epochs, each with events of two collections in turn.", try interleaved()),
      .valid(
        "unknown-events",
        "A collection that the reader does not know, with each kind of cell and prediction.",
        plain),
      .valid(
        "unknown-events-with-catalogue",
        "The same events, coded with a catalogue whose attributes do not all fit.",
        try soilReadings(oddCatalogue), catalogue: "odd-attributes"),
      .valid(
        "two-leaves", "A log that two clones wrote: the target has two leaves.", try clones()),
    ]
  }

  private static func fortyBirths(since: Int) throws -> Telling {
    let world = try VectorWorld()
    var station = try world.station()
    var base: VersionVector?
    for index in 0..<40 {
      if index > 0 { station = try world.reopenStation(station) }
      if index == since { base = try station.vector(log) }
      try play([Playback(started: start + Int64(index) * 3600)], at: station)
    }
    return try world.bundle(
      station, to: VectorWorld.town, [log],
      since == 0 ? .init() : .init(bases: [log: try demanded(base, "a base")]))
  }

  private static func interleaved() throws -> Telling {
    let world = try VectorWorld()
    var station = try world.station(schema: schema([fault]))
    var last: Dot?
    for index in 0..<12 {
      if index % 4 == 3 { station = try world.reopenStation(station) }
      let dot = last
      last = try station.write { store in
        let seen = start + Int64(index * 100)
        if index % 3 == 1 {
          return try store.log(
            fault, in: log,
            [.text("no signal"), .integer(seen), dot.map { .dot($0) } ?? .null])
        }
        let playback = Playback(
          started: seen, audience: Int64(index), corrects: index == 8 ? dot : nil)
        return try store.log(Village.playback, in: log, playback.cells)
      }
    }
    return try world.bundle(station, to: VectorWorld.town, [log])
  }

  private static func soilReadings(_ catalogue: Catalogue?) throws -> Telling {
    let world = try VectorWorld()
    let station = try world.station(schema: schema([soil]))
    var random = SplitMix64(seed: 77)
    let sensors = ["sensor 1", "sensor 2", "sensor 3", "sensor", "", "sensor 9", "sensor 8"]
    let texts = ["北坡", "deep", "sensor 1", "spare", "", "sensor 9", "干"]
    func text() -> EventCell { random.below(6) == 0 ? .null : .text(random.pick(texts)) }
    func number() -> EventCell {
      switch random.below(6) {
      case 0: .null
      case 1: .integer(random.pick([Int64.max, Int64.min + 1, 0, -5]))
      default: .integer(Int64(random.below(50)) - 25)
      }
    }
    func dot() -> EventCell {
      let epochs = [Epoch(bits: 7), Epoch(bits: 0xFFFF_0000_FFFF_0000)]
      return random.below(4) == 0
        ? .null : .dot(Dot(random.pick(epochs), 1 + UInt64(random.below(300))))
    }
    try station.write { store in
      var cells: [EventCell] = []
      for row in 0..<48 {
        let before = cells
        cells = soil.columns.map { column in
          if column.name == "unused" { return .null }
          if column.name == "sensor" { return row % 11 == 10 ? .null : .text(random.pick(sensors)) }
          switch column.kind {
          case .integer: return number()
          case .text: return text()
          case .dot: return dot()
          }
        }
        // Much is as in the event before, as it is in real ones.
        for index in cells.indices.dropFirst() where row > 0 && random.below(3) == 0 {
          cells[index] = before[index]
        }
        _ = try store.log(soil, in: log, cells)
      }
    }
    return try world.bundle(
      station, to: VectorWorld.town, [log], .init(catalogue: catalogue))
  }

  private static func clones() throws -> Telling {
    let world = try VectorWorld()
    let station = try world.station()
    let hub = try world.hub()
    try play(day(3), at: station)
    try world.carry(station, hub, [log])
    // A second database of the same place, which writes without having seen the first.
    let clone = try world.clone()
    try play(day(4, from: start + 50), at: clone)
    try world.carry(clone, hub, [log])
    return try world.bundle(hub, to: VectorWorld.village, [log])
  }
}
