internal import Bundles
internal import Causality
internal import Records
internal import Replica
internal import Village

/// A hub merges what its stations send.
struct MergeBench {
  let runs: Int

  func run() throws -> [BenchResult] {
    [
      try measure(
        "merge of 1,000,000 playbacks, 1,000 month bundles", stations: 1000, bundlesEach: 1,
        days: 25, bar: 0.45, goal: 0.80),
      try measure(
        "merge of 1,000,000 playbacks, 25,000 day bundles", stations: 1000, bundlesEach: 25,
        days: 1, bar: 0.30, goal: 0.60),
    ]
  }

  private func measure(
    _ name: String, stations: Int, bundlesEach: Int, days: Int, bar: Double, goal: Double
  ) throws -> BenchResult {
    let rig = try BenchRig()
    let workload = BenchWorkload()
    let catalogue = Self.catalogue(workload)
    let bundles = try Self.prepare(rig, workload, catalogue, stations, bundlesEach, days)
    var rows: [[EventCell]] = []
    for station in 0..<stations {
      rows += workload.plays(station: station, days: 0..<(bundlesEach * days), perDay: 40)
    }
    var ratios: [Double] = []
    for _ in 0..<runs {
      let plain = try PlainInsert.run(rows, at: rig.newPath(), perCommit: rows.count)
      let hub = try rig.replica(place: rig.hub, role: .hub)
      let merge = try BenchClock.measure {
        try hub.write { store in
          try store.keep(catalogue)
          for bundle in bundles { try rig.merge(bundle, into: store, catalogue: catalogue) }
        }
      }
      try hub.close()
      ratios.append(plain / merge)
    }
    return BenchResult(
      name: name, value: BenchClock.median(ratios), unit: "of plain insert", bar: bar, goal: goal,
      better: .higher)
  }

  static func prepare(
    _ rig: BenchRig, _ workload: BenchWorkload, _ catalogue: Catalogue, _ stations: Int,
    _ each: Int, _ days: Int
  ) throws -> [[UInt8]] {
    var bundles: [[UInt8]] = []
    for number in 0..<stations {
      let place = BenchRig.station(number)
      let station = try rig.replica(place: place, role: .station)
      let partition = PartitionID(place, .log)
      var base = VersionVector()
      for bundle in 0..<each {
        try station.write { store in
          for cells in workload.plays(
            station: number, days: (bundle * days)..<((bundle + 1) * days), perDay: 40)
          {
            _ = try store.log(Village.playback, in: partition, cells)
          }
        }
        bundles.append(
          try rig.bundle(
            station, to: rig.hub, [.init(partition: partition, base: base)], catalogue: catalogue))
        base = try station.read { try $0.summary(partition).vector }
      }
      try station.close()
    }
    return bundles
  }

  static func catalogue(_ workload: BenchWorkload) -> Catalogue {
    Catalogue(
      workload.programmes.map {
        (Array($0.code.utf8), [.text($0.title), .integer($0.seconds)])
      })
  }
}

/// How many bytes things take on the wire.
struct WireBench {
  func run() throws -> [BenchResult] {
    let workload = BenchWorkload()
    let catalogue = MergeBench.catalogue(workload)
    let month = try plays(workload, catalogue, days: 25, bundlesBefore: 0)
    let day = try plays(workload, catalogue, days: 1, bundlesBefore: 1)
    let commands = try commands(workload, catalogue)
    let (plan, edit) = try planBytes(workload)
    return [
      .init(
        name: "wire, station-month of 1,000 playbacks", value: Double(month) / 1000,
        unit: "bytes a playback", bar: 5.5, goal: 4.2, better: .lower),
      .init(
        name: "wire, station-day of 40 playbacks", value: Double(day), unit: "bytes", bar: 480,
        goal: 330, better: .lower),
      .init(
        name: "wire, month plan of 180 items, nothing known", value: Double(plan), unit: "bytes",
        bar: 4500, goal: 2800, better: .lower),
      .init(
        name: "wire, one field of one item edited", value: Double(edit), unit: "bytes", bar: 200,
        goal: 130, better: .lower),
      .init(
        name: "wire, a day logged by 40 commands", value: Double(commands), unit: "bytes",
        bar: 900, goal: 500, better: .lower),
    ]
  }

  private func plays(
    _ workload: BenchWorkload, _ catalogue: Catalogue, days: Int, bundlesBefore: Int
  ) throws -> Int {
    let rig = try BenchRig()
    let place = BenchRig.station(1)
    let partition = PartitionID(place, .log)
    let station = try rig.replica(place: place, role: .station)
    var base = VersionVector()
    for part in 0...bundlesBefore {
      try station.write { store in
        for cells in workload.plays(
          station: 1, days: (part * days)..<((part + 1) * days), perDay: 40)
        {
          _ = try store.log(Village.playback, in: partition, cells)
        }
      }
      if part < bundlesBefore { base = try station.read { try $0.summary(partition).vector } }
    }
    return try rig.bundle(
      station, to: rig.hub, [.init(partition: partition, base: base)], catalogue: catalogue
    ).count
  }

  /// Forty openings of the database, as forty commands make them.
  private func commands(_ workload: BenchWorkload, _ catalogue: Catalogue) throws -> Int {
    let rig = try BenchRig()
    let place = BenchRig.station(1)
    let partition = PartitionID(place, .log)
    let path = rig.newPath()
    let dice = BenchRandom(seed: 99)
    let surroundings = Surroundings(
      wall: { 1_770_000_000_000 }, random: { dice.next() }, memoryFolder: "/dev/shm")
    try Replica.create(
      at: path, as: Identity(Author(place: place, role: .station)), schema: Village.schema,
      surroundings: surroundings
    ).close()
    var base = VersionVector()
    let rows = workload.plays(station: 1, days: 0..<2, perDay: 40)
    for (number, cells) in rows.enumerated() {
      let station = try Replica.open(
        at: path, schema: Village.schema, surroundings: surroundings)
      try station.write { _ = try $0.log(Village.playback, in: partition, cells) }
      if number == 39 { base = try station.read { try $0.summary(partition).vector } }
      try station.close()
    }
    let station = try Replica.open(at: path, schema: Village.schema, surroundings: surroundings)
    return try rig.bundle(
      station, to: rig.hub, [.init(partition: partition, base: base)], catalogue: catalogue
    ).count
  }

  private func planBytes(_ workload: BenchWorkload) throws -> (plan: Int, edit: Int) {
    let rig = try BenchRig()
    let hub = try rig.replica(place: rig.hub, role: .hub)
    let partition = PartitionID(rig.hub, .public)
    var items: [Dot] = []
    try hub.write { store in
      let plan = try store.create(
        Village.plan, in: partition, [("kind", .text("month")), ("period", .text("2026-01"))])
      for fields in workload.plan(items: 180, plan: plan) {
        items.append(try store.create(Village.planItem, in: partition, fields))
      }
      for item in items {
        try store.update(Village.planItem, item, in: partition, [("issue", .integer(1))])
      }
      try store.update(
        Village.plan, plan, in: partition,
        [("version", .integer(1)), ("issues", .text("1 1770000000"))])
    }
    let reader = BenchRig.station(1)
    let plan = try rig.bundle(hub, to: reader, [.init(partition: partition, base: .init())])
    let base = try hub.read { try $0.summary(partition).vector }
    try hub.write {
      try $0.update(Village.planItem, items[77], in: partition, [("start", .text("09:15"))])
    }
    let edit = try rig.bundle(hub, to: reader, [.init(partition: partition, base: base)])
    return (plan.count, edit.count)
  }
}

/// A station logs what it plays.
struct LogBench {
  let runs: Int

  func run() throws -> [BenchResult] {
    [
      try measure(
        "logging playbacks, 1 a commit", rows: 2000, perCommit: 1, bar: 1.5, goal: 1.15),
      try measure(
        "logging playbacks, 1,000 a commit", rows: 200_000, perCommit: 1000, bar: 3, goal: 1.6),
    ]
  }

  private func measure(
    _ name: String, rows count: Int, perCommit: Int, bar: Double, goal: Double
  ) throws -> BenchResult {
    let rig = try BenchRig()
    let rows = BenchWorkload().plays(station: 1, days: 0..<(count / 40), perDay: 40)
    let place = BenchRig.station(1)
    let partition = PartitionID(place, .log)
    var ratios: [Double] = []
    for _ in 0..<runs {
      let plain = try PlainInsert.run(rows, at: rig.newPath(), perCommit: perCommit)
      let station = try rig.replica(place: place, role: .station)
      let logged = try BenchClock.measure {
        for start in stride(from: 0, to: rows.count, by: perCommit) {
          try station.write { store in
            for cells in rows[start..<min(start + perCommit, rows.count)] {
              _ = try store.log(Village.playback, in: partition, cells)
            }
          }
        }
      }
      try station.close()
      ratios.append(logged / plain)
    }
    return BenchResult(
      name: name, value: BenchClock.median(ratios), unit: "times plain insert", bar: bar,
      goal: goal, better: .lower)
  }
}

/// Plans that two sides edit, and a delta out of a large hub.
struct RecordBench {
  let runs: Int

  func run() throws -> [BenchResult] { [try edits(), try deltas()] }

  private func edits() throws -> BenchResult {
    let rig = try BenchRig()
    let workload = BenchWorkload()
    let place = BenchRig.station(1)
    let partition = PartitionID(place, .work)
    var rates: [Double] = []
    for _ in 0..<runs {
      let hub = try rig.replica(place: rig.hub, role: .hub)
      let station = try rig.replica(place: place, role: .station)
      var items: [Dot] = []
      try hub.write { store in
        for fields in workload.plan(items: 10_002, plan: Dot(Epoch(bits: 1), 1)) {
          items.append(try store.create(Village.planItem, in: partition, fields))
        }
      }
      let first = try rig.bundle(hub, to: place, [.init(partition: partition, base: .init())])
      try station.write { try rig.merge(first, into: $0, catalogue: nil) }
      let base = try hub.read { try $0.summary(partition).vector }
      try hub.write { store in
        for item in items.prefix(10_000) {
          try store.update(Village.planItem, item, in: partition, [("start", .text("10:15"))])
        }
      }
      try station.write { store in
        for (number, item) in items.prefix(10_000).enumerated() {
          try store.update(
            Village.planItem, item, in: partition,
            number % 2 == 0 ? [("start", .text("11:45"))] : [("note", .text("停电改期"))])
        }
      }
      let edits = try rig.bundle(station, to: rig.hub, [.init(partition: partition, base: base)])
      let spent = try BenchClock.measure {
        try hub.write { try rig.merge(edits, into: $0, catalogue: nil) }
      }
      let conflicts = try hub.read { try $0.conflicts().count }
      precondition(conflicts == 5000, "half of the edits cross")
      rates.append(10_000 / spent)
    }
    return BenchResult(
      name: "10,000 concurrent plan edits merged", value: BenchClock.median(rates),
      unit: "a CPU second", bar: 50_000, goal: 150_000, better: .higher)
  }

  /// A delta for one station out of hubs of 20 and of 20,000 stations.
  private func deltas() throws -> BenchResult {
    let small = try deltaSeconds(stations: 20)
    let large = try deltaSeconds(stations: 20_000)
    return BenchResult(
      name: "delta for one station, hub of 20,000 against 20", value: large / small,
      unit: "times", bar: 1.2, goal: 1.05, better: .lower)
  }

  private func deltaSeconds(stations: Int) throws -> Double {
    let rig = try BenchRig()
    let hub = try rig.replica(place: rig.hub, role: .hub)
    var bases: [VersionVector] = []
    for round in 0..<2 {
      try hub.write { store in
        for number in 0..<stations {
          let partition = PartitionID(BenchRig.station(number), .work)
          for item in 0..<4 {
            _ = try store.create(
              Village.planItem, in: partition,
              [
                ("date", .text("2026-0\(round + 1)-0\(item + 1)")), ("start", .text("09:00")),
                ("programme", .text("P00001")),
              ])
          }
        }
      }
      if round == 0 {
        bases = try hub.read { store in
          try (0..<20).map {
            try store.summary(PartitionID(BenchRig.station($0), .work)).vector
          }
        }
      }
    }
    var times: [Double] = []
    for _ in 0..<(runs * 20) {
      times.append(
        try BenchClock.measure {
          for number in 0..<20 {
            let place = BenchRig.station(number)
            _ = try rig.bundle(
              hub, to: place, [.init(partition: PartitionID(place, .work), base: bases[number])])
          }
        })
    }
    return BenchClock.median(times)
  }
}
