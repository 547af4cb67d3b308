import Bundles
import Causality
import Foundation
import Replica
import Sync
import Testing
import Village
import Wording

@testable import Mailbag

/// Sticks with bundles for other places: passed over where one stick serves many, an error where
/// nothing of it was meant to come here.
@Suite struct AddressTests {
  /// Two stations that a hub has something for.
  private func country() throws -> Country {
    let country = try Country(stations: ["207", "208", "209"])
    try country.hub.item("镇", in: country.hub.notices)
    return country
  }

  private func take(_ office: Office, _ path: String) throws -> [ImportReport] {
    try Mailbag.importAll(
      at: path, office.replica, codec: BundleCodec(), asideFolder: office.aside
    ) { _, _ in }
  }

  /// The error's sentence; what the replica holds is as before.
  private func refused(_ office: Office, _ path: String) throws -> String {
    let before = try office.dump([office.notices, office.work, office.log])
    let error = #expect(throws: SyncError(.notForHere, "")) { try take(office, path) }
    #expect(try office.dump([office.notices, office.work, office.log]) == before)
    return error?.reason ?? ""
  }

  @Test func `bundles for others beside one for here are passed over`() throws {
    let country = try country()
    let stick = try country.stick()
    try country.hub.export(to: stick)
    let reports = try take(country.stations[0], stick.folder)
    #expect(reports.count == 1 && reports.allSatisfy(\.isClean))
  }

  @Test func `a stick with nothing but bundles for others is not for here`() throws {
    let country = try country()
    let (station, other) = (country.stations[0], country.stations[1])
    let stick = try country.stick()
    try country.hub.export(to: stick, for: other.place)
    #expect(try refused(station, stick.folder).contains(other.code.dotted))
    // Damaged, the label still says for whom it was.
    let name = try #require(try stick.names().first)
    try stick.put(name, Array(stick.bytes(name).dropLast(1)) + [1])
    #expect(try refused(station, stick.folder).contains(other.code.dotted))
    try country.hub.export(to: stick, for: other.place, country.stations[2].place)
    #expect(try refused(station, stick.folder).contains("2 bundles"))
  }

  @Test func `a stick with one's own bundle is on its way, and an empty one is empty`() throws {
    let country = try country()
    let station = country.stations[0]
    let stick = try country.stick()
    #expect(try take(station, stick.folder).isEmpty)
    try station.play(1)
    try station.export(to: stick)
    #expect(try take(station, stick.folder).isEmpty)
    try country.hub.export(to: stick, for: country.stations[1].place)
    #expect(try take(station, stick.folder).isEmpty)
    #expect(try take(country.hub, stick.folder).count == 1)
  }

  @Test func `one file is taken whatever its name, or is not for here`() throws {
    let country = try country()
    let station = country.stations[0]
    let stick = try country.stick()
    try country.hub.export(to: stick)
    let names = try stick.names()
    #expect(try refused(station, stick.path(names[1])).contains(names[1]))
    // Neither is one that it wrote itself.
    try station.play(1)
    try station.export(to: stick)
    let own = try #require(try stick.names().first { !names.contains($0) })
    #expect(try refused(station, stick.path(own)).contains(country.hub.code.dotted))
    try stick.put("x", stick.bytes(names[0]))
    let reports = try take(station, stick.path("x"))
    #expect(reports.map(\.merged) == [3])
    try stick.put(names[1], Array(stick.bytes(names[1]).dropLast(9)))
    #expect(try take(station, stick.path(names[1])).map(\.refusal?.code) == ["truncated"])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: station.aside).sorted() == [
        names[1], names[1] + ".why",
      ])
    #expect(throws: MailbagError(.stickMissing, "")) { try take(station, stick.path("none.yz")) }
  }
}
