internal import Causality
internal import Records
internal import Replica
internal import Village

/// The distributions of a village month (the field's own generator has the same), from our own
/// seeded random numbers: every figure of the table is about these.
struct BenchWorkload {
  struct Programme {
    let code: String
    let title: String
    let category: String
    let seconds: Int64
  }

  private static let titles: [(String, [String])] = [
    ("党建", ["主题党日学习", "三会一课示范", "先锋人物", "基层党务问答", "村级组织规范"]),
    ("农业技术", ["瓜蒌栽培管理", "覆盆子修剪", "大棚蔬菜病虫害防治", "中草药育苗", "无花果越冬", "水稻侧深施肥"]),
    ("法律法规", ["土地承包法解读", "婚姻家庭纠纷", "农民工权益", "防范电信诈骗"]),
    ("政策解读", ["乡村振兴战略", "医保缴费须知", "惠农补贴办法", "宅基地改革"]),
    ("卫生健康", ["高血压日常管理", "春季传染病预防", "饮水安全"]),
    ("文化生活", ["黄梅戏选段", "地方民俗", "红色影片展播"]),
  ]
  private static let operators = ["侯勇", "房秀华", "王建国", "李秀英", "张伟", "陈静"]
  private static let lengths: [Int64] = [300, 600, 900, 1500, 1800, 2700, 3600]
  private static let begin: Int64 = 1_767_196_800  // 2026-01-01 00:00 at +08:00

  let programmes: [Programme]

  init() {
    var dice = BenchDice(seed: 1)
    programmes = (0..<600).map { number in
      let (category, titles) = dice.pick(Self.titles)
      return Programme(
        code: "P" + Self.digits(number, 5),
        title: "\(dice.pick(titles))（第\(dice.number(1, 40))期）", category: category,
        seconds: dice.pick(Self.lengths))
    }
  }

  static func digits(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// Cells of playbacks in the order of `Village.playback`'s columns.
  func plays(station: Int, days: Range<Int>, perDay: Int) -> [[EventCell]] {
    var rows: [[EventCell]] = []
    rows.reserveCapacity(days.count * perDay)
    for day in days {
      var dice = BenchDice(seed: UInt64(station) << 20 | UInt64(day) | 1 << 60)
      var time = Self.begin + Int64(day) * 86_400 + 7 * 3600 + dice.number(0, 60) * 60
      // Switched on every morning.
      let booted = time - 300 - Int64(UInt64(day) &* 0x9E37_79B9 >> 8 % 1200)
      let person = dice.pick(Self.operators)
      for _ in 0..<perDay {
        let programme = dice.pick(programmes)
        time += dice.number(20, 900)
        let isWhole = dice.chance(0.85)
        let seconds = isWhole ? programme.seconds : dice.number(30, programme.seconds)
        let outcome = isWhole ? "completed" : dice.pick(["stopped", "power_lost", "no_signal"])
        rows.append([
          .text(programme.code), .text(programme.title), .null, .integer(time),
          .integer(seconds), .integer(max(0, Int64(18 + 12 * dice.normal()))),
          .text(Self.code(person)), .text(occasion(&dice)), .text(outcome),
          dice.chance(0.95) ? .null : .text("设备音量异常，已上报"), .text("trusted"), .null,
          .integer(Int64(day) + 1), .integer(booted), .null,
        ])
        time += seconds
      }
    }
    return rows
  }

  private static func code(_ person: String) -> String {
    let value = ChainValue(hashing: Array(person.utf8)).low
    return String(String(value, radix: 32).prefix(6))
  }

  private func occasion(_ dice: inout BenchDice) -> String {
    switch dice.number(0, 99) {
    case 0..<70: "日常播放"
    case 70..<78: "主题党日"
    case 78..<84: "党员大会"
    case 84..<90: "支部会议"
    default: "农技培训"
    }
  }

  /// Fields of a month plan's items, six a day.
  func plan(items: Int, plan: Dot) -> [[(name: String, value: Value)]] {
    var rows: [[(name: String, value: Value)]] = []
    for day in 0..<(items / 6) {
      var dice = BenchDice(seed: UInt64(day) | 1 << 61)
      var slots = Array(8..<22)
      while slots.count > 6 { slots.remove(at: Int(dice.number(0, Int64(slots.count - 1)))) }
      for slot in slots {
        let programme = dice.pick(programmes)
        let half = dice.chance(0.5) ? "00" : "30"
        rows.append([
          ("plan", .dot(plan)),
          ("date", .text("2026-\(Self.digits(day / 28 + 1, 2))-\(Self.digits(day % 28 + 1, 2))")),
          ("start", .text("\(Self.digits(slot, 2)):\(half)")),
          ("programme", .text(programme.code)), ("title", .text(programme.title)),
          ("category", .text(programme.category)), ("seconds", .integer(programme.seconds)),
          ("required", .integer(dice.chance(0.3) ? 1 : 0)),
          ("note", dice.pick([.null, .null, .null, .text("会前播放"), .text("请公示"), .text("组织集中观看")])),
        ])
      }
    }
    return rows
  }
}

/// SplitMix64 (Steele, Lea, Flood 2014) and what the workload draws with it.
struct BenchDice: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func number(_ low: Int64, _ high: Int64) -> Int64 {
    low + Int64(next() % UInt64(high - low + 1))
  }

  mutating func pick<Element>(_ list: [Element]) -> Element {
    list[Int(next() % UInt64(list.count))]
  }

  mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }
  mutating func chance(_ share: Double) -> Bool { unit() < share }

  /// Nearly normal: the sum of twelve uniform numbers.
  mutating func normal() -> Double { (0..<12).reduce(-6.0) { sum, _ in sum + unit() } }
}
