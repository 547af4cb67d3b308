import Bundles
import Causality
import Foundation
import Records
import Testing

@testable import Replica

/// A temporary folder, in memory where that can be, removed at the end.
final class Ground {
  let folder: String
  private var count = 0

  enum Kind: CaseIterable { case memory, disk }

  init(_ kind: Kind = .memory) throws {
    let isMemory = kind == .memory && FileManager.default.isWritableFile(atPath: "/dev/shm")
    let base = isMemory ? "/dev/shm/" : NSTemporaryDirectory()
    folder = base + "yizhan-replica-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit {
    for path in notes { try? FileManager.default.removeItem(atPath: path) }
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Leases that may lie about, outside the folder.
  var notes: [String] = []

  func newPath() -> String {
    count += 1
    return "\(folder)/\(count).db"
  }
}

/// A replica in a file that can be closed, opened, copied and set back.
final class Site {
  let ground: Ground
  let dice: Seeded
  let path: String
  let schema: Schema
  private let leases: String?
  private(set) var replica: Replica

  private init(
    _ replica: Replica, at path: String, on ground: Ground, _ dice: Seeded, _ schema: Schema,
    leases: String?
  ) {
    self.replica = replica
    self.path = path
    self.ground = ground
    self.dice = dice
    self.schema = schema
    self.leases = leases
  }

  static func surroundings(_ dice: Seeded, leases: String? = nil) -> Surroundings {
    Surroundings(
      // A clock that jumps about: nothing may depend on it (P1).
      wall: { 1_767_225_600_000 + Int64(dice.next() % 4_000_000_000) },
      random: { dice.next() }, memoryFolder: leases)
  }

  /// A new replica.
  convenience init(
    on ground: Ground, place: PlaceID = Shelf.village, role: Role = .station, _ dice: Seeded,
    schema: Schema = Shelf.schema, leases: String? = nil
  ) throws {
    let path = ground.newPath()
    let replica = try Replica.create(
      at: path, as: Identity(Author(place: place, role: role)), schema: schema,
      surroundings: Self.surroundings(dice, leases: leases))
    self.init(replica, at: path, on: ground, dice, schema, leases: leases)
  }

  /// A replica from a copy of another's file.
  convenience init(
    copy: String, on ground: Ground, _ dice: Seeded, schema: Schema = Shelf.schema,
    leases: String? = nil
  ) throws {
    let path = ground.newPath()
    try FileManager.default.copyItem(atPath: copy, toPath: path)
    let replica = try Replica.open(
      at: path, schema: schema, surroundings: Self.surroundings(dice, leases: leases))
    self.init(replica, at: path, on: ground, dice, schema, leases: leases)
  }

  deinit { try? close() }

  private func close() throws {
    if let leaseNote { ground.notes.append(leaseNote) }
    try replica.close()
  }

  /// Where the lease of this file lies when it is closed.
  var leaseNote: String? {
    var status = stat()
    guard let leases, stat(path, &status) == 0 else { return nil }
    return "\(leases)/yizhan-\(getuid())-\(status.st_dev)-\(status.st_ino)"
  }

  var place: PlaceID { replica.identity.place }

  private func open() throws {
    replica = try Replica.open(
      at: path, schema: schema, surroundings: Self.surroundings(dice, leases: leases))
  }

  func reopen() throws {
    try close()
    try open()
  }

  /// Closes the database, does something to its file, and opens it again.
  func whileClosed(_ body: (String) throws -> Void) throws {
    try close()
    try body(path)
    try open()
  }

  /// A copy of the file as it is now.
  func snapshot() throws -> String {
    let copy = ground.newPath()
    try whileClosed { try FileManager.default.copyItem(atPath: $0, toPath: copy) }
    return copy
  }

  enum Restoring: CaseIterable { case overTheFile, asNewFile }

  /// Sets the file back to a copy.
  func restore(_ copy: String, _ how: Restoring = .asNewFile) throws {
    try whileClosed { path in
      switch how {
      case .overTheFile:
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: Data(contentsOf: URL(fileURLWithPath: copy)))
        try file.close()
      case .asNewFile:
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: copy, toPath: path)
      }
    }
  }
}

extension Replica {
  func summary(_ partition: PartitionID) throws -> PartitionSummary {
    try read { try $0.summary(partition) }
  }

  func vector(_ partition: PartitionID) throws -> VersionVector { try summary(partition).vector }

  func dump(_ partition: PartitionID) throws -> [String] {
    try read { store in
      var lines: [String] = []
      try store.dump(partition) { lines.append($0) }
      return lines
    }
  }

  func complaints(_ partitions: [PartitionID]) throws -> [String] {
    try read { store in try partitions.flatMap { try store.complaints($0) } }
  }

  func alarmCodes() throws -> [String] { try read { try $0.alarms().map(\.code) } }

  @discardableResult
  func note(_ title: String, in partition: PartitionID = Shelf.work) throws -> Dot {
    try write { try $0.create(Shelf.note, in: partition, [("title", .text(title))]) }
  }

  func retitle(_ note: Dot, _ title: String, in partition: PartitionID = Shelf.work) throws {
    try write { try $0.update(Shelf.note, note, in: partition, [("title", .text(title))]) }
  }

  /// Logs `count` visits in one transaction.
  func visits(_ count: Int, who: String = "王", in partition: PartitionID = Shelf.log) throws {
    try write { store in
      for index in 0..<count {
        _ = try store.log(
          Shelf.visit, in: partition,
          [.integer(Int64(index)), .text(who), .null, .integer(Int64(index % 7))])
      }
    }
  }
}

/// Expects an error of this code, and returns it.
@discardableResult
func expect<Result>(
  _ code: ReplicaError.Code, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Result
) -> ReplicaError? {
  do {
    _ = try body()
    Issue.record("nothing was thrown", sourceLocation: sourceLocation)
  } catch let error as ReplicaError {
    #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
    #expect(!error.reason.isEmpty && !error.hint.isEmpty, sourceLocation: sourceLocation)
    return error
  } catch {
    Issue.record(error, sourceLocation: sourceLocation)
  }
  return nil
}
