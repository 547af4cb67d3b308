import Bundles
import Causality
import Exchange
import Foundation
import Records
import Testing
import Village

@testable import Mailbag
@testable import Replica

/// A station with a past: some of what it wrote its hub has confirmed, the rest only it has. Its
/// database can be damaged in any way, again and again.
final class Wreck {
  static let pageBytes = 4096

  let country: Country
  let station: Office
  /// The station's database as it was, and that without what its log holds.
  let whole: [UInt8]
  /// A text in each playback and item that the hub has not confirmed.
  let unsent: [String]
  let sent: [String]
  private let hubWhole: [UInt8]
  private var cases = 0

  /// `isHeard` if the hub has all of it, and its receipt has not come back.
  init(_ seed: UInt64 = 1, playbacks: Int = 160, isHeard: Bool = false) throws {
    country = try Country(Seeded(seed))
    station = country.stations[0]
    for number in 0..<20 { try country.hub.programme("P\(number)", "Programme \(number)") }
    try country.round(station)
    var names: [String] = []
    func write(_ word: String, _ count: Int, _ station: Office) throws {
      for number in 0..<count {
        names.append("\(word)-\(number)-\(word)")
        try station.play(1, note: names[number])
      }
      names.append("item-\(word)")
      try station.item(names[count], in: station.work)
      names.append("person-\(word)")
      _ = try station.replica.write {
        try $0.create(
          Village.operators, in: PartitionID(station.place, .people),
          [("code", .text("c-\(word)")), ("name", .text("person-\(word)"))])
      }
    }
    try write("sent", playbacks, station)
    try country.round(station)
    sent = names
    names = []
    // Two further epochs.
    try station.whileClosed { _ in }
    try write("early", playbacks / 2, station)
    let early = names
    names = []
    try station.whileClosed { _ in }
    try write("late", playbacks / 2, station)
    unsent = early + names
    if isHeard {
      let stick = try country.stick()
      try station.export(to: stick)
      #expect(try country.hub.take(stick).allSatisfy { $0.isClean })
    }
    var bytes: [UInt8] = []
    try station.whileClosed { bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: $0))) }
    whole = bytes
    try country.hub.whileClosed { bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: $0))) }
    hubWhole = bytes
  }

  var pages: Int { whole.count / Self.pageBytes }

  /// On which pages each text stands in a row. What else is on a page is left over from what was there
  /// before.
  private lazy var homes: [String: Set<Int>] = {
    var homes: [String: Set<Int>] = [:]
    guard let folder = try? folder(with: whole), let file = PageFile(folder + "/damaged.db") else {
      return homes
    }
    for page in 0..<pages {
      guard let bytes = file.page(UInt32(page + 1)),
        let read = DamagedPage(bytes, isFirst: page == 0, in: file)
      else { continue }
      for cell in read.rows.flatMap(\.cells) {
        if let text = cell.text { homes[text, default: []].insert(page) }
      }
    }
    return homes
  }()

  /// The texts that no row holds any more, if nothing of these pages is there.
  func gone(_ texts: [String], with pages: [Int]) -> Set<String> {
    Set(
      texts.filter { text in
        let home = homes[text] ?? []
        #expect(!home.isEmpty, "\(text) stands nowhere")
        return home.isSubset(of: pages)
      })
  }

  static func surroundings(_ dice: Seeded) -> Surroundings {
    Surroundings(wall: { 1_767_300_000_000 }, random: { dice.next() })
  }

  /// An empty folder with this as its damaged database.
  func folder(with bytes: [UInt8]) throws -> String {
    cases += 1
    let folder = country.folder + "/case-\(cases)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: folder + "/damaged.db"))
    return folder
  }

  /// The station with what `Salvage` makes of a damaged database.
  func repaired(
    _ bytes: [UInt8], log: [UInt8]? = nil
  ) throws -> (office: Office, report: Salvage.Report) {
    let saved = try saved(bytes, log: log, for: .repair)
    let isKnown = try saved.office.replica.write { try Salvaged.begin($0) }
    #expect(isKnown)
    return saved
  }

  func saved(
    _ bytes: [UInt8], log: [UInt8]? = nil, for purpose: Salvage.Purpose
  ) throws -> (office: Office, report: Salvage.Report) {
    let folder = try folder(with: bytes)
    if let log { try Data(log).write(to: URL(fileURLWithPath: folder + "/damaged.db-wal")) }
    let report = try Salvage.rebuild(
      folder + "/damaged.db", to: folder + "/" + Replica.fileName, for: purpose,
      schema: Village.schema, surroundings: Self.surroundings(country.dice),
      again: PlaybackBook.again)
    return (try Office(cloned: folder, of: station, country.dice), report)
  }

  /// A bundle of what `Salvage` rescues from a damaged database, on a stick for the hub.
  func rescued(_ bytes: [UInt8]) throws -> (stick: Mailbag, report: Salvage.Report) {
    let (office, report) = try saved(bytes, for: .rescue)
    let isKnown = try office.replica.write { try Membership.recover($0) }
    #expect(isKnown)
    try office.replica.write { try Salvaged.lend($0) }
    let stick = try country.stick()
    for neighbour in try office.neighbours() {
      _ = try stick.export(
        office.replica, to: neighbour, codec: BundleCodec(), spoolFolder: office.folder,
        olderFiles: .keep)
    }
    try office.replica.close()
    return (stick, report)
  }

  /// Another hub that holds what the hub does.
  func hub() throws -> Office { try twin(of: country.hub, hubWhole) }

  /// The station as it was before anything was damaged.
  func unharmed() throws -> Office { try twin(of: station, whole) }

  private func twin(of office: Office, _ bytes: [UInt8]) throws -> Office {
    let folder = try folder(with: [])
    try Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + Replica.fileName))
    return try Office(cloned: folder, of: office, country.dice)
  }

  /// Sticks there and back until both have told all.
  func exchange(_ office: Office, _ hub: Office) throws {
    for (from, to) in [(office, hub), (hub, office), (office, hub), (hub, office), (office, hub)] {
      let stick = try country.stick()
      try from.export(to: stick)
      let reports = try to.take(stick)
      #expect(reports.allSatisfy { $0.refusal == nil }, "\(reports)")
    }
  }

  /// How often each text is to be seen.
  func seen(_ office: Office) throws -> [String: Int] {
    try office.replica.read { store in
      var seen: [String: Int] = [:]
      try PlaybackBook.list(store, PlaybackFilter(place: station.place)) {
        seen[$0.note ?? "", default: 0] += 1
      }
      for item in try store.records(Village.planItem, in: station.work) {
        seen[item.text("title") ?? "", default: 0] += 1
      }
      for person in try store.records(Village.operators, in: PartitionID(station.place, .people)) {
        seen[person.text("name") ?? "", default: 0] += 1
      }
      return seen
    }
  }
}
