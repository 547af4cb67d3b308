import Causality
import Testing

@Suite struct EpochTests {
  @Test func `epochs and dots read back from their text`() {
    withEverySeed(0..<1000) { random in
      let epoch = Epoch(bits: max(1, random.next() >> UInt64(random.below(64))))
      let dot = Dot(epoch, 1 + UInt64(random.below(Int(Dot.sequenceMax))))
      try demand(epoch.description.utf8.count == 16, "\(epoch)")
      try demand(Epoch(epoch.description) == epoch, "\(epoch)")
      try demand(Dot(dot.description) == dot, "\(dot)")
      try demand(Dot("x\(dot)x".dropFirst().dropLast()) == dot, "\(dot) as a part of a text")
    }
    #expect(Epoch(bits: 0xAB).description == "00000000000000ab")
    #expect(Dot(Epoch(bits: 0xAB), 12).description == "00000000000000ab:12")
  }

  @Test(arguments: [
    "", "ab", "00000000000000000", "0000000000000000", "000000000000000g", "00000000000000AB",
    "+0000000000000ab", "-0000000000000ab", "0x000000000000ab", " 00000000000000a",
    "00000000000000é", "000000000000０0ab",
  ])
  func `a text that no epoch prints is refused`(text: String) {
    #expect(Epoch(text) == nil)
  }

  @Test(arguments: [
    "", ":", "00000000000000ab", "00000000000000ab:", "00000000000000ab:0", ":1",
    "00000000000000ab:+1", "00000000000000ab:-1", "00000000000000ab:01", "00000000000000ab:1 ",
    "00000000000000ab:1:2", "00000000000000ab:18446744073709551616", "ab:1",
    "0000000000000000:1", "00000000000000ab::1", "00000000000000ab:a",
  ])
  func `a text that no dot prints is refused`(text: String) {
    #expect(Dot(text) == nil)
  }

  @Test func `no fresh epoch is zero`() {
    struct Zeroes: RandomNumberGenerator {
      var rest = 3
      mutating func next() -> UInt64 {
        rest -= 1
        return rest < 0 ? UInt64.max : 0
      }
    }
    var zeroes = Zeroes()
    #expect(Epoch(from: &zeroes).bits != 0)
    var (one, other) = (SplitMix64(seed: 3), SplitMix64(seed: 3))
    #expect(Epoch(from: &one) == Epoch(from: &other))
    #expect(Epoch(from: &one).bits != 0)
  }

  @Test func `dots sort by epoch, then by sequence`() {
    let (low, high) = (Epoch(bits: 1), Epoch(bits: 2))
    let sorted = [Dot(low, 1), Dot(low, 9), Dot(low, 10), Dot(high, 1), Dot(high, 2)]
    #expect(sorted.reversed().sorted() == sorted)
    #expect(!(Dot(low, 1) < Dot(low, 1)))
  }
}
