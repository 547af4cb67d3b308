import Bundles
import Causality
import Exchange
import Foundation
import Records
import Replica
import Testing
import Trust
import Village

@testable import Mailbag

/// Who is let in, and what a stick on the road tells (P16).
@Suite struct StrangerTests {
  private func codes(_ reports: [ImportReport]) -> [String] {
    reports.flatMap {
      [$0.refusal?.code].compactMap { $0 } + $0.outcomes.compactMap(\.refusal?.code)
    }
  }

  private func count(_ station: Office, at hub: Office) throws -> Int {
    Int(try hub.replica.read { try $0.eventCount(in: station.log) })
  }

  /// What an office writes for the other, as it lies on a stick.
  private func letter(_ country: Country, _ from: Office, to: Office) throws -> (Mailbag, String) {
    let stick = try country.stick()
    try from.export(to: stick, for: to.place)
    return (stick, try #require(try stick.names().first { $0.hasSuffix(".yz") }))
  }

  @Test func `the stick tells nobody what is on it`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    let canaries = ["金丝雀姓名", "金丝雀节目", "canary-note-7", "canary-url"]
    try hub.programme("P1", canaries[1])
    try hub.item(canaries[1], in: hub.notices)
    try hub.replica.write { try Membership.setURL($0, "http://canary-url:1") }
    try station.replica.write { store in
      _ = try store.create(
        Village.operators, in: PartitionID(station.place, .people), [("name", .text(canaries[0]))])
    }
    try station.play(5, note: canaries[2])
    for _ in 0..<2 {
      for (from, to) in [(hub, station), (station, hub)] {
        let stick = try country.stick()
        try from.export(to: stick)
        for name in try stick.names() {
          let bytes = Data(try stick.bytes(name))
          for canary in canaries + ["丰乐镇", "Village", "playback"] {
            #expect(bytes.range(of: Data(canary.utf8)) == nil, "\(canary) in \(name)")
          }
        }
        #expect(codes(try to.take(stick)).isEmpty)
      }
    }
    #expect(try count(station, at: hub) == 5)
  }

  @Test func `who was not invited is not let in, whatever it claims to be`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    let impostor = try Office(country.folder + "/impostor", station.code, .station, country.dice)
    let other = try Country(Seeded(9))
    // The same place of the same hub in a tree of the impostor's own.
    try other.join(impostor, to: other.hub, .station)
    try impostor.play(3)
    try impostor.replica.write { store in
      let hubKeys = try hub.replica.read { try Keyring.own($0).publicKeys }
      try store.setMeta("hub_keys", Invitations.encode(hubKeys.bytes))
    }
    let (stick, _) = try letter(country, impostor, to: hub)
    #expect(codes(try hub.take(stick)) == ["invitation_unknown"])
    #expect(try count(station, at: hub) == 0)
    try station.play(2)
    try country.round(station)
    #expect(codes(try hub.take(stick)) == ["invitation_unknown"])
    #expect(try count(station, at: hub) == 2)
  }

  @Test func `an invitation is good for one machine, and another one replaces it`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    try station.play(4)
    try country.round(station)
    let second = try Office(country.folder + "/second", station.code, .station, country.dice)
    try country.join(second, to: hub, .station)
    try second.play(1)
    let (refused, _) = try letter(country, second, to: hub)
    #expect(codes(try hub.take(refused)) == ["invitation_used"])
    #expect(try count(station, at: hub) == 4)
    try country.join(second, to: hub, .station, replaces: true)
    // Until it has come the old one is still believed.
    try station.play(1)
    let (last, _) = try letter(country, station, to: hub)
    #expect(codes(try hub.take(last)).isEmpty)
    for _ in 0..<2 { try country.round(second) }
    #expect(try count(station, at: hub) == 6)
    #expect(try second.replica.read { try $0.eventCount(in: second.log) } == 6)
    // What the old one brings now is kept aside, neither merged nor lost.
    try station.play(7)
    let (late, name) = try letter(country, station, to: hub)
    #expect(codes(try hub.take(late)) == ["key_revoked"])
    #expect(try count(station, at: hub) == 6)
    let kept = try FileManager.default.contentsOfDirectory(atPath: hub.aside)
    #expect(kept.contains(name))
    // And it reads nothing more of what the hub writes.
    try hub.item("新", in: hub.notices)
    let (news, _) = try letter(country, hub, to: second)
    #expect(codes(try station.take(news)) == ["signature_wrong"])
  }

  @Test func `an invitation that expired is none, and the next is another`() throws {
    let country = try Country()
    let hub = country.hub
    let late = try country.place("34.01.23.109.311", under: hub, .station)
    late.clock.now = hub.clock.now
    let (stick, _) = try letter(country, late, to: hub)
    hub.clock.now += (Grant.daysDefault + 1) * 86_400
    #expect(codes(try hub.take(stick)) == ["invitation_expired"])
    try country.join(late, to: hub, .station)
    try country.round(late)
    #expect(try hub.replica.read { try Places.find($0, id: late.place)?.publicKeys } != nil)
  }

  @Test func `a bundle under another name, or of another's key, changes nothing`() throws {
    let country = try Country(stations: ["207", "208"])
    let (hub, one, two) = (country.hub, country.stations[0], country.stations[1])
    for station in [one, two] {
      try station.play(2)
      for _ in 0..<2 { try country.round(station) }
    }
    try one.play(3)
    let (stick, name) = try letter(country, one, to: hub)
    let bytes = try stick.bytes(name)
    let envelope = try Envelope(parsing: bytes)
    let before = try hub.dump(country.shared(one) + country.shared(two))
    // A stolen station writes for its neighbour, with its own key or what it has heard of it.
    for claimed in [two.place, hub.place, PlaceID(bits: 77)] {
      var label = bytes
      label.replaceSubrange(
        4..<12, with: (0..<8).map { UInt8(truncatingIfNeeded: claimed.bits >> (8 * UInt64($0))) })
      try stick.put(name, mended(label, envelope))
      let refusals = codes(try hub.take(stick))
      #expect(refusals.count == 1, "\(refusals)")
    }
    #expect(try hub.dump(country.shared(one) + country.shared(two)) == before)
    try stick.put(name, bytes)
    #expect(codes(try hub.take(stick)).isEmpty)
    #expect(try count(one, at: hub) == 5)
    // Twice is once.
    #expect(codes(try hub.take(stick)).isEmpty)
    #expect(try count(one, at: hub) == 5)
  }

  /// The same head with a right check.
  private func mended(_ bytes: [UInt8], _ envelope: Envelope) -> [UInt8] {
    let at = envelope.signed.count - 8
    var check = ByteWriter()
    check.fixed(ChainValue(hashing: Array(bytes[..<at])).low)
    return Array(bytes[..<at]) + check.bytes + bytes[(at + 8)...]
  }

  @Test func `a flipped bit anywhere merges nothing that was not sent`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    for _ in 0..<2 { try country.round(station) }
    for _ in 0..<24 { try station.playLong(3000) }
    let (stick, name) = try letter(country, station, to: hub)
    let bytes = try stick.bytes(name)
    let head = try Envelope(parsing: bytes).length
    #expect(bytes.count > 40_000)
    let backup = country.folder + "/backup.db"
    try hub.whileClosed { try FileManager.default.copyItem(atPath: $0, toPath: backup) }
    let dice = Seeded(3)
    // All of the head, and some of each of the pieces.
    let places = Array(0..<head) + (0..<60).map { _ in head + dice.below(bytes.count - head) }
    for place in places {
      var flipped = bytes
      flipped[place] ^= 1 << UInt8(dice.below(8))
      try stick.put(name, flipped)
      let reports = try hub.take(stick)
      // Whole pieces of an honest head may be kept; nothing else.
      if place < head {
        #expect(try count(station, at: hub) == 0, "byte \(place): \(reports)")
      } else {
        #expect(!codes(reports).isEmpty, "byte \(place)")
        #expect(try count(station, at: hub) < 24)
      }
    }
    try stick.put(name, bytes)
    try hub.take(stick)
    #expect(try count(station, at: hub) == 24)
    #expect(try hub.complaints().isEmpty)
  }
}

/// Base64url as the program writes it.
enum Invitations {
  static func encode(_ bytes: [UInt8]) -> String {
    Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-")
      .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
  }
}
