internal import Bundles
internal import Causality
internal import Exchange
internal import GRDBSQLite
internal import Glibc
internal import Records
internal import Replica
internal import Village
internal import Wording

/// A row of the table.
struct BenchResult {
  enum Better: String {
    case higher, lower
  }

  let name: String
  let value: Double
  let unit: String
  let bar: Double
  let goal: Double
  let better: Better

  var isReached: Bool { better == .higher ? value >= bar : value <= bar }
  var isGoal: Bool { better == .higher ? value >= goal : value <= goal }
}

enum BenchClock {
  /// Seconds of CPU that this process has used.
  static var cpu: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  static func measure(_ body: () throws -> Void) rethrows -> Double {
    let start = cpu
    try body()
    return cpu - start
  }

  static func median(_ list: [Double]) -> Double { list.sorted()[list.count / 2] }
}

/// Replicas in a folder of the bench's own.
final class BenchRig {
  let folder: String
  private var count = 0
  let hub = PlaceID(bits: 0x1111_1111_1111_1111)
  let codec = BundleCodec()

  init() throws {
    var template = Array((Self.base + "/yizhan-bench-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Failure(code: "disk_error", reason: "no folder for the bench can be made")
    }
    folder = String(
      decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static var base: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }

  deinit {
    // The folder holds plain files only.
    for number in 0...count {
      for suffix in ["", "-wal", "-shm"] { unlink(path(number) + suffix) }
    }
    rmdir(folder)
  }

  private func path(_ number: Int) -> String { "\(folder)/\(number).db" }

  func newPath() -> String {
    count += 1
    return path(count)
  }

  func replica(place: PlaceID, role: Role) throws -> Replica {
    let dice = BenchRandom(seed: UInt64(count + 7))
    return try Replica.create(
      at: newPath(), as: Identity(Author(place: place, role: role)), schema: Village.schema,
      surroundings: Surroundings(
        wall: { 1_770_000_000_000 }, random: { dice.next() },
        secrets: [[UInt8](repeating: 7, count: 64)],
        sign: Keyring.signer([[UInt8](repeating: 7, count: 64)])))
  }

  static func station(_ number: Int) -> PlaceID {
    PlaceID(bits: 0x2000_0000_0000_0000 | UInt64(number))
  }

  /// The whole bundle from `replica` to `reader` with what `base` lacks of partitions.
  func bundle(
    _ replica: Replica, to reader: PlaceID, _ parts: [BundleOrder.Part],
    catalogue: Catalogue? = nil
  ) throws -> [UInt8] {
    let spool = MemorySpool()
    let manifest = try replica.write { store in
      try store.compose(
        BundleOrder(
          reader: reader, parts: parts, catalogue: catalogue, believed: 0x5EED_5EED,
          number: 7, made: 1_770_000_000),
        codec: codec, spool: spool)
    }
    return BundleHead.serialized(manifest) + spool.bytes
  }

  func merge(_ bundle: [UInt8], into store: Store, catalogue: Catalogue?) throws {
    try merge(try MemoryBundle(plain: bundle), into: store, catalogue: catalogue)
  }

  func merge(_ content: MemoryBundle, into store: Store, catalogue: Catalogue?) throws {
    let manifest = content.manifest
    for index in manifest.deltas.indices {
      let outcome = try store.merge(
        index, of: manifest, codec: codec,
        catalogue: manifest.catalogue == nil ? nil : catalogue, content: content)
      if let refusal = outcome.refusal {
        throw Failure(code: refusal.code, reason: Message(told: refusal.reason))
      }
    }
  }
}

final class BenchRandom: @unchecked Sendable {
  // Safe because every replica of the bench is used by one thread.
  private var dice: BenchDice
  init(seed: UInt64) { dice = BenchDice(seed: seed) }
  func next() -> UInt64 { dice.next() }
}

/// The reference: the same rows into the same columns by a prepared statement through the C
/// interface, as plainly as can be.
struct PlainInsert {
  /// Returns seconds of CPU.
  static func run(_ rows: [[EventCell]], at path: String, perCommit: Int) throws -> Double {
    var handle: OpaquePointer?
    guard
      sqlite3_open_v2(
        path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nil)
        == SQLITE_OK, let handle
    else { throw Failure(code: "disk_error", reason: "cannot open \(path)") }
    defer { sqlite3_close(handle) }
    let columns = Village.playback.columns.map {
      "\"\($0.name)\" \($0.kind == .text ? "TEXT" : "INTEGER")"
    }
    try check(
      handle,
      sqlite3_exec(
        handle,
        """
        PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -4096;
        CREATE TABLE playback (
          id INTEGER PRIMARY KEY, \(columns.joined(separator: ", ")), original BLOB);
        """, nil, nil, nil))
    var statement: OpaquePointer?
    let marks = Array(repeating: "?", count: columns.count + 2).joined(separator: ",")
    try check(
      handle,
      sqlite3_prepare_v3(
        handle, "INSERT INTO playback VALUES (\(marks))", -1, UInt32(SQLITE_PREPARE_PERSISTENT),
        &statement, nil))
    defer { sqlite3_finalize(statement) }
    let packed = PackedRows(rows)
    return try BenchClock.measure {
      var at = 0
      while at < packed.count {
        sqlite3_exec(handle, "BEGIN IMMEDIATE", nil, nil, nil)
        let end = min(at + perCommit, packed.count)
        while at < end {
          packed.bind(at, statement)
          guard sqlite3_step(statement) == SQLITE_DONE else {
            throw Failure(
              code: "disk_error", reason: Message(told: String(cString: sqlite3_errmsg(handle))))
          }
          sqlite3_reset(statement)
          at += 1
        }
        try check(handle, sqlite3_exec(handle, "COMMIT", nil, nil, nil))
      }
    }
  }

  private static func check(_ handle: OpaquePointer, _ status: Int32) throws {
    guard status == SQLITE_OK else {
      throw Failure(
        code: "disk_error", reason: Message(told: String(cString: sqlite3_errmsg(handle))))
    }
  }
}

/// Rows as C would hold them: numbers and pointers.
private final class PackedRows {
  let count: Int
  private let width: Int
  private let numbers: UnsafeMutablePointer<Int64>
  private let texts: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

  init(_ rows: [[EventCell]]) {
    count = rows.count
    width = rows.first?.count ?? 0
    numbers = .allocate(capacity: max(1, count * width))
    texts = .allocate(capacity: max(1, count * width))
    var known: [String: UnsafeMutablePointer<CChar>] = [:]
    for (row, cells) in rows.enumerated() {
      for (column, cell) in cells.enumerated() {
        let at = row * width + column
        numbers[at] = Int64.min
        texts[at] = nil
        switch cell {
        case .integer(let value): numbers[at] = value
        case .text(let text):
          let pointer = known[text] ?? strdup(text)
          known[text] = pointer
          texts[at] = pointer
          numbers[at] = Int64(text.utf8.count)
        case .null, .dot: break
        }
      }
    }
  }

  deinit {
    numbers.deallocate()
    texts.deallocate()
  }

  @inline(__always)
  func bind(_ row: Int, _ statement: OpaquePointer?) {
    sqlite3_bind_int64(statement, 1, 1 << 31 | Int64(row + 1))
    for column in 0..<width {
      let at = row * width + column
      let position = Int32(column + 2)
      if let text = texts[at] {
        sqlite3_bind_text(statement, position, text, Int32(numbers[at]), nil)
      } else if numbers[at] == Int64.min {
        sqlite3_bind_null(statement, position)
      } else {
        sqlite3_bind_int64(statement, position, numbers[at])
      }
    }
    sqlite3_bind_null(statement, Int32(width + 2))
  }
}
