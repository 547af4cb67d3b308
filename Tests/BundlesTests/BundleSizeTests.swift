import Causality
import Records
import Testing

@testable import Bundles

/// How small bundles are. Prints what it measures; asserts only what would be a mistake.
@Suite struct BundleSizeTests {
  /// As the village declares it, which this target cannot see.
  private static let playback = EventCollection(
    "playback",
    [
      Column("programme", .text, .key), Column("title", .text, .attribute(0, of: "programme")),
      Column("item", .dot), Column("started", .integer, .after(["started", "seconds"])),
      Column("seconds", .integer, .attribute(1, of: "programme")), Column("audience", .integer),
      Column("operator", .text, .previous), Column("occasion", .text),
      Column("outcome", .text, given: "seconds"), Column("note", .text),
      Column("clock", .text, .previous), Column("corrects", .dot),
      Column("boot", .integer, .after(["boot"])), Column("booted", .integer, .after(["booted"])),
      Column("prelude", .dot),
    ])

  private struct Programme {
    let code: String
    let title: String
    let seconds: Int64
  }

  /// The distributions of the workload generator that the design was measured with.
  private struct Workload {
    var random: SplitMix64
    let programmes: [Programme]

    init(seed: UInt64) {
      var random = SplitMix64(seed: seed)
      let titles = ["主题党日学习", "瓜蒌栽培管理", "覆盆子修剪", "土地承包法解读", "乡村振兴战略", "高血压日常管理", "黄梅戏选段"]
      programmes = (0..<600).map { number in
        Programme(
          code: "P00\(100 + number)", title: "\(random.pick(titles))（第\(1 + random.below(40))期）",
          seconds: random.pick([300, 600, 900, 1500, 1800, 2700, 3600]))
      }
      self.random = random
    }

    var catalogue: Catalogue {
      Catalogue(
        programmes.map { (Array($0.code.utf8), [.text($0.title), .integer($0.seconds)]) })
    }

    /// Nearly normal, around 18.
    private mutating func audience() -> Int64 {
      let sum = (0..<12).reduce(0) { sum, _ in sum + random.below(1000) }
      return Int64(max(0, 18 + (sum - 6000) * 12 / 1000))
    }

    private mutating func occasion() -> String {
      switch random.below(100) {
      case 0..<70: "日常播放"
      case 70..<78: "主题党日"
      case 78..<84: "党员大会"
      case 84..<90: "支部会议"
      default: "农技培训"
      }
    }

    mutating func story(days: Int, perDay: Int) -> EventStory {
      var story = EventStory([playback])
      let text = { (text: String) in Meaning.text(Array(text.utf8)) }
      for day in 0..<days {
        var time = 1_767_222_000 + Int64(day * 86_400 + random.below(61) * 60)
        // Switched on every morning.
        let booted = time - 900
        let person = text(random.pick(["侯勇", "房秀华", "王建国", "李秀英", "张伟", "陈静"]))
        for _ in 0..<perDay {
          let programme = random.pick(programmes)
          time += 20 + Int64(random.below(881))
          let isWhole = random.chance(85)
          let length =
            isWhole ? programme.seconds : 30 + Int64(random.below(Int(programme.seconds) - 29))
          story.events.append(
            Happening(
              batch: 0, dot: Dot(Epoch(bits: 9), UInt64(story.events.count + 1)),
              cells: [
                text(programme.code), text(programme.title), .null, .integer(time),
                .integer(length), .integer(audience()), person, text(occasion()),
                text(isWhole ? "completed" : random.pick(["stopped", "power_lost", "no_signal"])),
                random.chance(5) ? text("设备音量异常，已上报") : .null, text("good"), .null,
                .integer(Int64(day + 1)), .integer(booted), .null,
              ]))
          time += length
        }
      }
      return story
    }
  }

  /// Bytes of the piece, and of the whole bundle around it.
  private static func sizes(
    _ story: EventStory, _ catalogue: Catalogue?
  ) throws -> (piece: Int, bundle: Int) {
    #expect(try EventPieceTests.travelled(story, catalogue) == story)
    var manifest = emptyManifest(catalogue)
    let bytes = BundleCodec().encode(story.piece(catalogue), catalogue: catalogue, into: &manifest)
    let epoch = Epoch(bits: 9)
    let chain = ChainValue(low: UInt64.max, high: UInt64.max / 3)
    let delta = Delta(
      partition: PartitionID(PlaceID(bits: 1), .log), base: VersionVector(Dot(epoch, 4000)),
      target: VersionVector(Dot(epoch, 5000)), targetChains: [chain], digest: 77,
      pieces: [BundleCodec.piece(bytes)])
    manifest.deltas = [delta]
    let head = BundleHead.serialized(manifest)
    return (bytes.count, head.count + delta.pieces[0].following)
  }

  private static func report(
    _ what: String, days: Int, perDay: Int, known: Double, alone: Double
  ) throws {
    var workload = Workload(seed: 2026)
    let story = workload.story(days: days, perDay: perDay)
    let count = Double(days * perDay)
    for (name, catalogue, limit) in [
      ("with a catalogue", workload.catalogue, known), ("without", nil, alone),
    ] as [(String, Catalogue?, Double)] {
      let sizes = try sizes(story, catalogue)
      let each = Double(sizes.piece) / count
      print("\(what) \(name): piece \(sizes.piece), bundle \(sizes.bundle), \(each) a playback")
      #expect(each < limit)
    }
  }

  @Test func `a month of playbacks is small`() throws {
    try Self.report("a month of 1,000 playbacks", days: 25, perDay: 40, known: 4.5, alone: 8)
  }

  @Test func `a day of playbacks is small`() throws {
    try Self.report("a day of 40 playbacks", days: 1, perDay: 40, known: 8, alone: 22)
  }
}
