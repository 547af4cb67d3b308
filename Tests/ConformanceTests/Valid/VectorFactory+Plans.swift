import Bundles
import Causality
import Records
import Replica
import Village

/// Plans and other records of one author.
extension VectorFactory {
  static func plans() throws -> [Vector] {
    [
      .valid(
        "example-of-records", "The bundle of records that Protocol/03 takes apart.",
        try exampleOfRecords()),
      .valid(
        "month-plan", "The first delivery of a month plan of 62 items.",
        try monthPlan(edited: false)),
      .valid(
        "one-field-edited", "One title of the plan was changed since the receipt.",
        try monthPlan(edited: true)),
      .valid(
        "every-section", "A delta of each section, in the order of travel.", try everySection()),
      .valid(
        "public-of-the-county",
        "A hub passes on what the county above it wrote: places beyond sender and reader.",
        try countyPublic()),
    ]
  }

  private static func exampleOfRecords() throws -> Telling {
    let world = try VectorWorld(epochs: [0xA1A1_A1A1_A1A1_A1A1])
    let hub = try world.hub()
    try hub.write { store in
      let first = try store.create(
        Village.programme, in: townPublic,
        [
          ("code", .text("P01")), ("title", .text("防范电信诈骗")), ("category", .text("法律法规")),
          ("seconds", .integer(600)),
        ])
      try store.update(Village.programme, first, in: townPublic, [("seconds", .integer(660))])
      let second = try store.create(
        Village.programme, in: townPublic,
        [
          ("code", .text("P02")), ("title", .text("水稻育苗")), ("category", .text("农业技术")),
          ("seconds", .integer(900)),
        ])
      try store.delete(Village.programme, second, in: townPublic)
    }
    return try world.bundle(hub, to: VectorWorld.village, [townPublic], .init(number: 12))
  }

  private static func monthPlan(edited: Bool) throws -> Telling {
    let world = try VectorWorld()
    let hub = try world.hub()
    let items = try hub.write { store in
      let plan = try store.create(
        Village.plan, in: work,
        [
          ("kind", .text("month")), ("period", .text("2026-03")), ("version", .integer(1)),
          ("issues", .text("1 \(VectorWorld.morning / 1000)")),
        ])
      return try (0..<62).map { try store.create(Village.planItem, in: work, slot($0, of: plan)) }
    }
    let base = try hub.vector(work)
    guard edited else { return try world.bundle(hub, to: VectorWorld.village, [work]) }
    world.wait(seconds: 3600)
    try hub.write { store in
      try store.update(
        Village.planItem, items[17], in: work, [("title", .text("黄梅戏选段（改期）"))])
    }
    return try world.bundle(
      hub, to: VectorWorld.village, [work], .init(bases: [work: base], number: 2))
  }

  private static func slot(_ index: Int, of plan: Dot) -> [(name: String, value: Value)] {
    let programme = programmes[(index * 7 + index / 9) % programmes.count]
    let day = index / 2 + 1
    var values: [(name: String, value: Value)] = [
      ("plan", .dot(plan)), ("date", .text("2026-03-\(day < 10 ? "0" : "")\(day)")),
      ("start", .text(index % 2 == 0 ? "08:30" : "19:00")), ("programme", .text(programme.code)),
      ("title", .text(programme.title)), ("category", .text(programme.category)),
      ("seconds", .integer(programme.seconds)), ("required", .integer(index % 4 == 0 ? 1 : 0)),
      ("issue", .integer(1)),
    ]
    if index % 20 == 7 { values.append(("note", .text("主题党日"))) }
    return values
  }

  private static let incident = RecordCollection(
    "incident", in: [.urgent], [Field("what", .latest), Field("seen", .latest)])

  private static func everySection() throws -> Telling {
    let world = try VectorWorld()
    let schema = Schema(records: Village.schema.records + [incident], events: Village.schema.events)
    let station = try world.station(schema: schema)
    let partition = { (section: Section) in PartitionID(VectorWorld.village, section) }
    try station.write { store in
      _ = try store.create(
        incident, in: partition(.urgent),
        [("what", .text("设备音量异常")), ("seen", .integer(start))])
      _ = try store.create(
        Village.term, in: partition(.public), [("kind", .text("occasion")), ("text", .text("村晚"))])
      _ = try store.create(
        Village.plan, in: partition(.work),
        [("kind", .text("week")), ("period", .text("2026-W10"))])
      _ = try store.create(
        Village.operators, in: partition(.people), [("code", .text("o1")), ("name", .text("陈静"))])
    }
    try play(day(2), at: station)
    return try world.bundle(
      station, to: VectorWorld.town, Section.allCases.reversed().map(partition))
  }

  private static func countyPublic() throws -> Telling {
    let world = try VectorWorld()
    let county = try world.hub(VectorWorld.county)
    let above = PartitionID(VectorWorld.county, .public)
    try county.write { store in
      for text in ["主题党日", "会前播放", "农技培训"] {
        _ = try store.create(
          Village.term, in: above, [("kind", .text("occasion")), ("text", .text(text))])
      }
    }
    let hub = try world.hub()
    try world.carry(county, hub, [above])
    try hub.write { store in
      _ = try store.create(
        Village.term, in: townPublic, [("kind", .text("category")), ("text", .text("村务"))])
    }
    return try world.bundle(hub, to: VectorWorld.village, [above, townPublic])
  }
}
