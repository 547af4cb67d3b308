import Testing

@testable import Sync

/// Everything an agent decides about when to try, without a clock.
@Suite struct RhythmTests {
  private func rhythm(_ change: (inout Rhythm.Settings) -> Void = { _ in }) -> Rhythm {
    var settings = Rhythm.Settings()
    change(&settings)
    return Rhythm(settings)
  }

  private func isOpen(_ attempt: Rhythm.Attempt) -> Bool {
    if case .everything = attempt { true } else { false }
  }

  @Test func `it tries at once, and then after the interval`() {
    var rhythm = rhythm { $0.interval = 100 }
    #expect(isOpen(rhythm.attempt(at: 50, minute: 0)))
    rhythm.succeeded(at: 50)
    #expect(rhythm.attempt(at: 60, minute: 0) == .wait(90))
    #expect(isOpen(rhythm.attempt(at: 150, minute: 0)))
  }

  @Test func `waits double with each failure, spread over their whole length`() {
    for random in [0, 0.25, 0.999] {
      var rhythm = rhythm()
      for (failure, limit) in [5.0, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]
        .enumerated()
      {
        rhythm.failed(at: 0, random: random)
        let attempt = rhythm.attempt(at: 0, minute: 0)
        let wait = limit * random
        #expect(wait == 0 ? isOpen(attempt) : attempt == .wait(wait), "failure \(failure)")
      }
      rhythm.succeeded(at: 0)
      rhythm.failed(at: 0, random: 1)
      #expect(rhythm.attempt(at: 0, minute: 0) == .wait(5))
    }
  }

  @Test func `a link that is back is tried at once`() {
    var rhythm = rhythm()
    for _ in 0..<20 { rhythm.failed(at: 0, random: 0.9) }
    #expect(!isOpen(rhythm.attempt(at: 10, minute: 0)))
    rhythm.linkIsBack(at: 10)
    #expect(isOpen(rhythm.attempt(at: 10, minute: 0)))
  }

  @Test func `what is written goes soon, but does not hammer a link that is down`() {
    var rhythm = rhythm()
    rhythm.succeeded(at: 0)
    rhythm.wrote(isUrgent: false, at: 10)
    #expect(rhythm.attempt(at: 10, minute: 0) == .wait(5))
    rhythm.wrote(isUrgent: false, at: 12)
    #expect(rhythm.attempt(at: 12, minute: 0) == .wait(3))
    for _ in 0..<20 { rhythm.failed(at: 20, random: 0.5) }
    rhythm.wrote(isUrgent: false, at: 21)
    #expect(rhythm.attempt(at: 21, minute: 0) == .wait(1799))
    rhythm.wrote(isUrgent: true, at: 22)
    #expect(isOpen(rhythm.attempt(at: 22, minute: 0)))
  }

  @Test func `outside its hours it waits for them, unless something is urgent`() {
    var rhythm = rhythm { $0.hours = [.init(from: 360, to: 480), .init(from: 1380, to: 60)] }
    for minute in 0..<1440 {
      let attempt = rhythm.attempt(at: 0, minute: minute)
      let isIn = (360..<480).contains(minute) || minute >= 1380 || minute < 60
      let left = minute < 360 ? 360 - minute : 1380 - minute
      #expect(isIn ? isOpen(attempt) : attempt == .wait(Double(left * 60)), "\(minute)")
    }
    rhythm.wrote(isUrgent: true, at: 0)
    #expect(isOpen(rhythm.attempt(at: 0, minute: 600)))
    rhythm.succeeded(at: 0)
    #expect(rhythm.attempt(at: 900, minute: 600) == .wait(780 * 60))
  }

  @Test func `the budget bounds what is sent, and lets what is urgent through`() {
    var rhythm = rhythm {
      $0.bytesPerDay = 10_000
      $0.bytesPerMonth = 15_000
    }
    rhythm.date(day: 1, month: 1)
    #expect(rhythm.attempt(at: 0, minute: 0) == .everything(bytesMax: 10_000 - 1024))
    rhythm.spent(9000)
    #expect(rhythm.attempt(at: 0, minute: 0) == .wait(900))
    rhythm.wrote(isUrgent: true, at: 0)
    #expect(rhythm.attempt(at: 0, minute: 0) == .urgent)
    rhythm.date(day: 2, month: 1)
    #expect(rhythm.attempt(at: 0, minute: 0) == .everything(bytesMax: 6000 - 1024))
    rhythm.spent(6000)
    #expect(rhythm.attempt(at: 0, minute: 0) == .urgent)
    rhythm.date(day: 3, month: 2)
    #expect(rhythm.attempt(at: 0, minute: 0) == .everything(bytesMax: 10_000 - 1024))
  }

  @Test func `a hub that asks to be left alone is left alone, not by all for as long`() {
    var rhythm = rhythm()
    rhythm.refused(for: 60, at: 0, random: 0.5)
    #expect(rhythm.attempt(at: 0, minute: 0) == .wait(90))
  }
}
