internal import Bundles
internal import Causality
internal import Exchange
internal import Foundation
internal import GRDBSQLite
internal import Records
internal import Replica
internal import Station
internal import Sync
internal import Village
internal import Wording

/// A township of the bench: a hub's folder, stations, and what they do.
final class NetworkRig {
  struct Station {
    let folder: String
    let replica: Replica
    let place: PlaceID
  }

  private let folder: String
  private var hubFolder: DataFolder
  private let workload = BenchWorkload()
  private let town: PlaceCode

  init() throws {
    let base =
      FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    folder = "\(base)/yizhan-bench-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    hubFolder = DataFolder(path: folder + "/hub")
    guard let town = PlaceCode("34.01.23.109") else { preconditionFailure("it is a code") }
    self.town = town
    let open = try hubFolder.create(as: Identity(Author(place: town.foundingID, role: .hub)))
    let programmes = workload.programmes
    try open.replica.write { store in
      try Membership.found(store, code: town, name: "丰乐镇", zone: .china)
      for programme in programmes {
        _ = try store.create(
          Village.programme, in: PartitionID(town.foundingID, .public),
          [
            ("code", .text(programme.code)), ("title", .text(programme.title)),
            ("category", .text(programme.category)), ("seconds", .integer(programme.seconds)),
          ])
      }
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  // MARK: The hub

  func startHub() throws -> (url: String, process: BenchProcess) {
    let process = try BenchProcess.yizhan(
      "hub", "run", "--data", hubFolder.path, "--listen", "127.0.0.1:0")
    guard let url = process.firstLine().split(separator: " ").last else {
      throw Failure(code: "internal", reason: "the hub does not run")
    }
    return (String(url), process)
  }

  private var backup: String { folder + "/backup.db" }

  func backUp() throws {
    try BenchProcess.yizhan("backup", "--data", hubFolder.path, "--to", backup).finish()
  }

  /// The hub as it was backed up, in a new folder.
  func restoreHub() throws {
    hubFolder = DataFolder(path: folder + "/hub-restored")
    try BenchProcess.yizhan("restore", "--data", hubFolder.path, "--from", backup).finish()
  }

  /// A month plan for all stations.
  func plan() throws -> [Dot] {
    let open = try hubFolder.open()
    let partition = PartitionID(town.foundingID, .public)
    let fields = workload.plan(items: 180, plan: Dot(Epoch(bits: 1), 1))
    return try open.replica.write { store in
      try fields.map { try store.create(Village.planItem, in: partition, $0) }
    }
  }

  func edit(_ items: some Sequence<Dot>, _ start: String) throws {
    let open = try hubFolder.open()
    let partition = PartitionID(town.foundingID, .public)
    try open.replica.write { store in
      for item in items {
        try store.update(Village.planItem, item, in: partition, [("start", .text(start))])
      }
    }
  }

  func hubEvents() throws -> Int {
    let replica = try hubFolder.openForReading()
    return try replica.read { store in
      try store.partitionIDs().filter { $0.section == .log }
        .reduce(0) { $0 + Int(try store.eventCount(in: $1)) }
    }
  }

  // MARK: Stations

  private func invitation(_ number: Int, _ store: Store) throws -> Invitation {
    let text = "34.01.23.109.\(number / 1000 + 100).\(number % 1000 + 100)"
    guard let code = PlaceCode(text) else { preconditionFailure("it is a code") }
    return try Membership.invite(store, code: code, name: "村\(number)", url: "http://127.0.0.1:9")
  }

  func station(_ number: Int) throws -> Station {
    let open = try hubFolder.open()
    let invitation = try open.replica.write { try self.invitation(number, $0) }
    return try join(invitation, at: "\(folder)/\(number)")
  }

  private func join(_ invitation: Invitation, at path: String) throws -> Station {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let replica = try Replica.create(
      at: path + "/" + Replica.fileName,
      as: Identity(Author(place: invitation.place, role: .station)), schema: Village.schema,
      surroundings: DataFolder.surroundings())
    try replica.write { try Membership.join($0, invitation) }
    return Station(folder: path, replica: replica, place: invitation.place)
  }

  func log(_ station: Station, days: Range<Int>, perDay: Int) throws {
    let rows = workload.plays(station: 1, days: days, perDay: perDay)
    try station.replica.write { store in
      for row in rows {
        _ = try store.log(Village.playback, in: PartitionID(station.place, .log), row)
      }
    }
  }

  func sync(_ station: Station, _ url: String) async throws -> SyncReport {
    nonisolated(unsafe) let replica = station.replica
    // Safe because the bench waits until the exchange is over.
    let thread = try ReplicaThread { .init(replica) {} }
    let folder = station.folder
    return try await HubLink.with(url) { link in
      var report = SyncReport()
      try await LinkExchange(thread, link, folder: folder).run(&report)
      return report
    }
  }

  /// The bundles of many stations that have the hub's programmes and have played for a day. Each
  /// station is a copy of one folder under another name; their replicas are gone then.
  func days(of count: Int) throws -> [Transfer] {
    let (invitations, template) = try invited(count)
    return try invitations.enumerated().map { try day($0, $1, template) }
  }

  /// Folders of stations like these that have played and exchanged nothing yet.
  func copies(of count: Int, days: Range<Int>, perDay: Int) throws -> [String] {
    let (invitations, template) = try invited(count)
    return try invitations.enumerated().map { number, invitation in
      let copy = "\(folder)/copy-\(number)"
      try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
      let path = copy + "/" + Replica.fileName
      try FileManager.default.copyItem(atPath: template + "/" + Replica.fileName, toPath: path)
      try rename(path, invitation)
      let station = try open(copy)
      try log(station, days: days, perDay: perDay)
      try station.replica.close()
      return copy
    }
  }

  func open(_ folder: String) throws -> Station {
    let replica = try Replica.open(
      at: folder + "/" + Replica.fileName, schema: Village.schema,
      surroundings: DataFolder.surroundings())
    return Station(folder: folder, replica: replica, place: replica.identity.place)
  }

  /// Invites so many, and makes one folder that has the hub's programmes.
  private func invited(_ count: Int) throws -> ([Invitation], template: String) {
    let template = try station(0)
    let open = try hubFolder.open()
    let (invitations, first) = try open.replica.write { store in
      let invitations = try (1...count).map { try self.invitation($0, store) }
      guard let neighbour = try Neighbours.find(store, template.place) else {
        return (invitations, [UInt8]())
      }
      return (
        invitations, try Turn(BundleCodec()).write(to: neighbour, store, bytesMax: .max).bytes
      )
    }
    _ = try template.replica.write { try Turn(BundleCodec()).take(try SealedBytes(first), $0) }
    try template.replica.close()
    return (invitations, template.folder)
  }

  private func day(_ number: Int, _ invitation: Invitation, _ template: String) throws -> Transfer {
    let path = "\(folder)/day.db"
    try FileManager.default.copyItem(atPath: template + "/" + Replica.fileName, toPath: path)
    defer {
      for suffix in ["", "-wal", "-shm"] {
        try? FileManager.default.removeItem(atPath: path + suffix)
      }
    }
    try rename(path, invitation)
    let replica = try Replica.open(
      at: path, schema: Village.schema, surroundings: DataFolder.surroundings())
    defer { try? replica.close() }
    let rows = workload.plays(station: number, days: 0..<1, perDay: 40)
    let bytes = try replica.write { store in
      for row in rows {
        _ = try store.log(Village.playback, in: PartitionID(invitation.place, .log), row)
      }
      guard let hub = try Neighbours.above(store) else { return [UInt8]() }
      return try Turn(BundleCodec()).write(to: hub, store).bytes
    }
    return Transfer(bytes)
  }

  private func rename(_ path: String, _ invitation: Invitation) throws {
    var handle: OpaquePointer?
    defer { sqlite3_close(handle) }
    let sql = """
      UPDATE meta SET value = '\(invitation.place)' WHERE key = 'place';
      UPDATE meta SET value = '\(invitation.code.dotted)' WHERE key = 'code';
      """
    guard sqlite3_open(path, &handle) == SQLITE_OK,
      sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK
    else { throw Failure(code: "disk_error", reason: "a station cannot be renamed") }
  }
}
