import Causality
import Exchange
import Foundation
import Replica
import Testing
import Village

@testable import Mailbag

/// What a broken station has not sent comes to its hub from its card, whatever is broken of it (P7); and
/// the station may go on living (P4).
@Suite struct RescueTests {
  @Test func `what is rescued from whatever page is lost the hub takes in`() throws {
    let wreck = try Wreck(7, playbacks: 80)
    for page in 0..<wreck.pages {
      let what: Comment = "page \(page) of \(wreck.pages)"
      var bytes = wreck.whole
      bytes.replaceSubrange(
        page * Wreck.pageBytes..<(page + 1) * Wreck.pageBytes,
        with: repeatElement(0, count: Wreck.pageBytes))
      let (stick, report) = try wreck.rescued(bytes)
      let hub = try wreck.hub()
      let taken = try hub.take(stick)
      #expect(taken.allSatisfy { $0.isClean }, "\(what): \(taken)")
      let seen = try wreck.seen(hub)
      let gone = wreck.gone(wreck.unsent, with: [page])
      let left = report.eventsLeft + report.writesLeft
      let missing = wreck.unsent.filter { seen[$0] == nil && !gone.contains($0) }
      #expect(missing.count <= left, "\(what): \(missing) \(report)")
      #expect(seen.values.allSatisfy { $0 == 1 }, "\(what): \(seen.filter { $0.value > 1 })")
      let alarms = try hub.replica.read { try $0.alarms().filter { $0.code != "place_diverged" } }
      #expect(alarms.isEmpty, "\(what): \(alarms) \(report)")
      #expect(try hub.complaints().isEmpty, what)
      try? hub.replica.close()
    }
  }

  @Test func `a sound station that was rescued goes on as if nothing had been`() throws {
    let wreck = try Wreck(8, playbacks: 40)
    let (stick, report) = try wreck.rescued(wreck.whole)
    #expect(report.isWhole)
    let hub = try wreck.hub()
    #expect(try hub.take(stick).allSatisfy { $0.isClean })
    let station = try wreck.unharmed()
    try station.play(1, note: "afterwards")
    try wreck.exchange(station, hub)
    let shared = wreck.country.shared(wreck.station)
    #expect(try station.dump(shared) == hub.dump(shared))
    #expect(try hub.alarmCodes().isEmpty && station.alarmCodes().isEmpty)
    let seen = try wreck.seen(hub)
    #expect(seen["afterwards"] == 1)
    for text in wreck.sent + wreck.unsent { #expect(seen[text] == 1, "\(text)") }
  }

  @Test func `what was rescued and what was repaired count once`() throws {
    let wreck = try Wreck(9, playbacks: 40)
    for page in stride(from: 1, to: wreck.pages, by: 3) {
      var bytes = wreck.whole
      bytes.replaceSubrange(
        page * Wreck.pageBytes..<(page + 1) * Wreck.pageBytes,
        with: repeatElement(0, count: Wreck.pageBytes))
      let hub = try wreck.hub()
      try hub.take(wreck.rescued(bytes).stick)
      let (station, _) = try wreck.repaired(bytes)
      try wreck.exchange(station, hub)
      let seen = try wreck.seen(hub)
      let plays = seen.filter { !$0.key.hasPrefix("item") && !$0.key.hasPrefix("person") }
      #expect(plays.values.allSatisfy { $0 == 1 }, "page \(page): \(plays.filter { $0.value > 1 })")
      #expect(try wreck.seen(station) == seen, "page \(page)")
      try? hub.replica.close()
      try? station.replica.close()
    }
  }
}
