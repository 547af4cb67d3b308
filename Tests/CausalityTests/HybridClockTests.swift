import Causality
import Testing

@Suite struct HybridClockTests {
  private static let day: Int64 = 24 * 3600 * 1000
  private static let noon: Int64 = 1_763_640_000_000

  @Test func `times increase while the clock stands still`() {
    var clock = HybridClock()
    var last = clock.tick(wall: Self.noon)
    #expect(last == HybridTime(milliseconds: Self.noon))
    // More writes than a count of 16 bits holds.
    for _ in 0..<70_000 {
      let next = clock.tick(wall: Self.noon)
      guard next > last else {
        Issue.record("\(next.bits) after \(last.bits)")
        return
      }
      last = next
    }
    #expect(last.milliseconds == Self.noon + 1)
    #expect(clock.last == last)
  }

  @Test func `times increase while the clock goes back within a day`() {
    var clock = HybridClock()
    let first = clock.tick(wall: Self.noon)
    let second = clock.tick(wall: Self.noon - Self.day)
    #expect(second > first)
    #expect(second.milliseconds == Self.noon)
    #expect(clock.tick(wall: Self.noon + 1) == HybridTime(milliseconds: Self.noon + 1))
  }

  @Test func `times increase whatever the clock does within a day`() {
    withEverySeed(0..<50) { random in
      var clock = HybridClock()
      var last = clock.tick(wall: Self.noon)
      for _ in 0..<500 {
        let wall = Self.noon + Int64(random.below(Int(Self.day)))
        let next = clock.tick(wall: wall)
        try demand(next > last, "\(next.bits) after \(last.bits) at \(wall)")
        try demand(next.milliseconds >= wall, "\(next.milliseconds) at \(wall)")
        last = next
      }
    }
  }

  @Test func `a clock that was far ahead is not believed once it is right`() {
    var clock = HybridClock()
    _ = clock.tick(wall: 4_070_908_800_000)  // 2099
    #expect(clock.tick(wall: Self.noon) == HybridTime(milliseconds: Self.noon))
    let after = clock.tick(wall: Self.noon)
    #expect(after > HybridTime(milliseconds: Self.noon))
    #expect(after.milliseconds == Self.noon)
  }

  @Test func `a lead of a day is kept and a longer one is not`() {
    var kept = HybridClock(last: HybridTime(milliseconds: Self.noon + Self.day))
    #expect(kept.tick(wall: Self.noon).milliseconds == Self.noon + Self.day)
    var lost = HybridClock(last: HybridTime(milliseconds: Self.noon + Self.day + 1))
    #expect(lost.tick(wall: Self.noon).milliseconds == Self.noon)
  }

  @Test func `a clock that starts in 1970 follows the true time at once`() {
    var clock = HybridClock()
    let early = clock.tick(wall: 0)
    #expect(early > HybridTime(bits: 0))
    #expect(clock.tick(wall: Self.noon) == HybridTime(milliseconds: Self.noon))
  }

  private static let strangeWalls: [Int64] = [.min, -1, 0, (1 << 48) - 1, 1 << 48, .max]

  @Test(arguments: strangeWalls)
  func `no wall clock is too strange`(wall: Int64) {
    let lasts = [0, 1, UInt64(Self.noon) << 16, UInt64.max - 1, UInt64.max]
    for last in lasts {
      var clock = HybridClock(last: HybridTime(bits: last))
      let now = clock.tick(wall: wall)
      #expect((0...(1 << 48) - 1).contains(now.milliseconds))
    }
  }

  @Test func `milliseconds outside 48 bits are the nearest that fit`() {
    #expect(HybridTime(milliseconds: -5, count: 3).bits == 3)
    #expect(HybridTime(milliseconds: Int64.max).milliseconds == (1 << 48) - 1)
    #expect(HybridTime(milliseconds: 7, count: 2) > HybridTime(milliseconds: 7, count: 1))
    #expect(HybridTime(milliseconds: 8) > HybridTime(milliseconds: 7, count: UInt16.max))
  }
}
