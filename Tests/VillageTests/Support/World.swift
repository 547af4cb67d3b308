import Bundles
import Causality
import Foundation
import Records
import Replica
import Testing

@testable import Village

/// A township's hub and its stations in a temporary folder, with a clock that stands still and
/// seeded dice.
final class World {
  static let town = "34.01.23.109"
  static let village = "34.01.23.109.207"
  static let otherVillage = "34.01.23.109.208"

  let folder: String
  let hub: Replica
  private let dice: Dice
  private var count = 0

  init(seed: UInt64 = 1) throws {
    folder = Self.base + "village-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    dice = Dice(seed: seed)
    let code = try #require(PlaceCode(Self.town))
    hub = try Self.replica(folder + "/hub.db", code, .hub, dice)
    try hub.write { try Membership.found($0, code: code, name: "丰乐镇", zone: .china) }
  }

  /// In memory where that can be: what is tried here is no question of disks.
  private static let base =
    FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm/" : NSTemporaryDirectory()

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private static func replica(
    _ path: String, _ code: PlaceCode, _ role: Role, _ dice: Dice
  ) throws -> Replica {
    try Replica.create(
      at: path, as: Identity(Author(place: code.foundingID, role: role)), schema: Village.schema,
      surroundings: surroundings(dice))
  }

  /// A replica of its own schema, which knows of no place yet.
  func replica(_ name: String, _ code: PlaceCode, _ role: Role, _ schema: Schema) throws -> Replica
  {
    try Replica.create(
      at: folder + "/" + name, as: Identity(Author(place: code.foundingID, role: role)),
      schema: schema, surroundings: Self.surroundings(dice))
  }

  /// The hub's database, as another version opens it.
  func reopenHub(_ schema: Schema) throws -> Replica {
    try Replica.open(
      at: folder + "/hub.db", schema: schema, surroundings: Self.surroundings(dice))
  }

  private static func surroundings(_ dice: Dice) -> Surroundings {
    Surroundings(
      wall: { 1_767_225_600_000 }, random: { dice.next() },
      secrets: [[UInt8](repeating: 7, count: 64)],
      sign: Keyring.signer([[UInt8](repeating: 7, count: 64)]))
  }

  private func newPath() -> String {
    count += 1
    return folder + "/\(count)"
  }

  /// A station that was invited and has joined.
  func station(_ text: String = World.village, _ name: String = "三岗村") throws -> Replica {
    let code = try #require(PlaceCode(text))
    let invitation = try hub.write { try Membership.invite($0, code: code, name: name) }
    let station = try Self.replica(newPath(), code, .station, dice)
    try station.write { try Membership.join($0, invitation) }
    try sync(station)
    return station
  }

  /// A station that has joined, on a machine whose clocks the test sets.
  func station(on machine: Machine) throws -> Replica {
    let code = try #require(PlaceCode(Self.village))
    let invitation = try hub.write { try Membership.invite($0, code: code, name: "三岗村") }
    let station = try Replica.create(
      at: newPath(), as: Identity(Author(place: code.foundingID, role: .station)),
      schema: Village.schema, surroundings: machine.surroundings)
    try station.write { try Membership.join($0, invitation) }
    try sync(station)
    return station
  }

  /// Another replica of the hub's own place: a clerk's laptop, or the hub after a restore. It
  /// holds what the hub holds, but not what sheets' ids became.
  func laptop() throws -> Replica {
    let code = try #require(PlaceCode(Self.town))
    let laptop = try Self.replica(newPath(), code, .hub, dice)
    try laptop.write { try Membership.found($0, code: code, name: "丰乐镇", zone: .china) }
    try carry(from: hub, to: laptop, hub.read { try $0.partitionIDs() })
    return laptop
  }

  /// The place of a code, as the hub knows it.
  func place(_ text: String) throws -> Place { try hub.read { try Places.find($0, text) } }

  // MARK: Exchange

  /// Both ways between the hub and a station, until both hold the same.
  func sync(_ station: Replica) throws {
    let shared =
      Section.allCases.map { PartitionID(station.identity.place, $0) }
      + [PartitionID(hub.identity.place, .public)]
    try carry(from: hub, to: station, shared)
    try carry(from: station, to: hub, shared)
    try carry(from: hub, to: station, shared)
  }

  private final class Spool: PieceSpool {
    var pieces: [[UInt8]] = []

    func add(_ bytes: [UInt8]) { pieces.append(bytes) }
    func keep(_ count: Int) { pieces.removeLast(pieces.count - count) }
  }

  private struct Spooled: BundleContent {
    let manifest: Manifest
    let pieces: [[UInt8]]

    func bytes(delta: Int, piece: Int) throws(BundleError) -> [UInt8] {
      if case .inline(let bytes) = manifest.deltas[delta].pieces[piece].body { return bytes }
      let before =
        manifest.deltas[..<delta].flatMap(\.pieces) + manifest.deltas[delta].pieces[..<piece]
      return pieces[before.count { $0.following > 0 }]
    }
  }

  func carry(from: Replica, to: Replica, _ partitions: [PartitionID]) throws {
    let parts = try to.read { store in
      try partitions.sorted().map {
        BundleOrder.Part(partition: $0, base: try store.summary($0).vector)
      }
    }
    let spool = Spool()
    let codec = BundleCodec()
    let manifest = try from.write { store in
      try store.compose(
        BundleOrder(reader: to.identity.place, parts: parts, number: 1, made: 1_767_225_600),
        codec: codec, spool: spool)
    }
    let content = Spooled(manifest: manifest, pieces: spool.pieces)
    try to.write { store in
      for index in manifest.deltas.indices {
        let outcome = try store.merge(
          index, of: manifest, codec: codec, catalogue: nil, content: content)
        try #require(outcome.refusal == nil)
      }
    }
  }

  // MARK: Sheets

  /// A file with these bytes.
  func file(_ bytes: [UInt8]) throws -> String {
    let path = newPath() + ".csv"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }

  func file(_ text: String) throws -> String { try file(Array(text.utf8)) }
}

extension Replica {
  /// How many writes this replica holds in all. It does not grow if nothing is written.
  var writes: UInt64 {
    get throws {
      try read { store in
        try store.partitionIDs().reduce(0) { sum, id in
          try store.summary(id).vector.entries.reduce(sum) { $0 + $1.sequence }
        }
      }
    }
  }

  func dump() throws -> [String] {
    try read { store in
      var lines: [String] = []
      for id in try store.partitionIDs() { try store.dump(id) { lines.append($0) } }
      return lines
    }
  }

  func items(_ filter: PlanFilter = PlanFilter()) throws -> [PlanItemView] {
    try read { try PlanBook.items($0, filter) }
  }

  @discardableResult
  func edit(_ dot: Dot, _ changes: [(name: String, text: String)]) throws -> [String] {
    try write { try PlanBook.edit(dot, changes, $0) }
  }

  func playback(_ dot: Dot) throws -> EventView? {
    try read { try $0.event(Village.playback, dot) }
  }

  func playbacks(_ filter: PlaybackFilter = PlaybackFilter()) throws -> [PlaybackView] {
    try read { store in
      var views: [PlaybackView] = []
      try PlaybackBook.list(store, filter) { views.append($0) }
      return views
    }
  }
}

/// Expects an error of this code, and returns it.
@discardableResult
func expect<Result>(
  _ code: VillageError.Code, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Result
) -> VillageError? {
  do {
    _ = try body()
    Issue.record("nothing was thrown", sourceLocation: sourceLocation)
  } catch let error as VillageError {
    #expect(error.code == code, sourceLocation: sourceLocation)
    #expect(!error.reason.isEmpty && !error.hint.isEmpty, sourceLocation: sourceLocation)
    return error
  } catch {
    Issue.record(error, sourceLocation: sourceLocation)
  }
  return nil
}
