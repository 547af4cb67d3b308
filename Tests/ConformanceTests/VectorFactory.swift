import Causality
import Records
import Replica
import Village

/// Makes every vector, in memory and the same on every machine, from the program's own code.
///
/// Whole bundles come from replicas in a temporary folder; what no replica of this version would
/// write is put together from pieces. Defects are put into good bundles, and whatever checks a
/// reader does before the one meant is made to pass again.
enum VectorFactory {
  static func all() throws -> [Vector] { try made.get() }

  private static let made = Result { try make() }

  private static func make() throws -> [Vector] {
    let valid = try [
      catalogues(), playbacks(), logs(), plans(), merges(), forms(), values(), numbers(),
      manifests(), canonicals(), chains(), digests(), sealed(),
    ]
    let invalid = try [
      cuts(), heads(), parts(), addresses(), vectors(), births(), listedPieces(), following(),
      heaps(), descriptors(), predictions(), runs(), cells(), layouts(), records(), siblings(),
      recordValues(), sealedCuts(), sealedHeads(), labels(), signatures(), seals(),
      sealedManifests(), sealedPieces(),
    ]
    return (valid + invalid).flatMap { $0 }
  }
}

// What the stories are made of.
extension VectorFactory {
  static let log = PartitionID(VectorWorld.village, .log)
  static let work = PartitionID(VectorWorld.village, .work)
  static let townPublic = PartitionID(VectorWorld.town, .public)

  /// The first playback of the examples in Protocol/03 begins then.
  static let start: Int64 = 1_772_316_000

  static let programmes: [(code: String, title: String, category: String, seconds: Int64)] = [
    ("P01", "防范电信诈骗", "法律法规", 600), ("P02", "水稻育苗", "农业技术", 900),
    ("P03", "春季传染病预防", "卫生健康", 1200), ("P04", "黄梅戏选段", "文化生活", 1800),
    ("P05", "乡村振兴战略", "政策解读", 1500),
  ]

  /// A playback as the station logs it.
  struct Playback {
    var programme = "P01"
    var title: String? = "防范电信诈骗"
    var item: Dot?
    var started = VectorFactory.start
    var seconds: Int64? = 600
    var audience: Int64?
    var person: String? = "o1"
    var occasion: String? = "日常播放"
    var outcome: String? = "completed"
    var note: String?
    var clock: String? = "trusted"
    var corrects: Dot?
    var boot: Int64?
    var booted: Int64?
    var prelude: Dot?

    var cells: [EventCell] {
      [
        .text(programme), cell(title), cell(item), .integer(started), cell(seconds),
        cell(audience), cell(person), cell(occasion), cell(outcome), cell(note), cell(clock),
        cell(corrects), cell(boot), cell(booted), cell(prelude),
      ]
    }

    private func cell(_ text: String?) -> EventCell { text.map { .text($0) } ?? .null }
    private func cell(_ number: Int64?) -> EventCell { number.map { .integer($0) } ?? .null }
    private func cell(_ dot: Dot?) -> EventCell { dot.map { .dot($0) } ?? .null }
  }

  static func play(_ playbacks: [Playback], at station: Replica) throws {
    try station.write { store in
      for playback in playbacks {
        _ = try store.log(Village.playback, in: log, playback.cells)
      }
    }
  }

  /// `count` playbacks one after the other: mostly as foretold, sometimes not.
  static func day(_ count: Int, from start: Int64 = start) -> [Playback] {
    var random = SplitMix64(seed: 31)
    var clock = start
    return (0..<count).map { index in
      let programme = random.pick(programmes)
      var playback = Playback(
        programme: programme.code, title: programme.title, started: clock,
        seconds: programme.seconds, audience: index % 3 == 2 ? nil : Int64(random.below(40)))
      if index % 5 == 4 {
        playback.seconds = Int64(60 + random.below(500))
        playback.outcome = random.pick(["stopped", "power_lost"])
        playback.note = random.pick(["停电", "设备异常"])
      }
      if index > count / 2 { playback.person = "o2" }
      clock += (playback.seconds ?? 0) + Int64(random.pick([0, 0, 5, 300]))
      return playback
    }
  }
}
