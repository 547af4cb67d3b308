internal import GRDBSQLite
internal import Records

/// A prepared statement on a raw SQLite handle: what the hot paths bind and step.
///
/// Texts and blobs are bound without a copy; they must stay where they are until `reset` or the
/// end of `run`. Columns are read before the next step.
final class Statement {
  private let handle: OpaquePointer
  private let connection: OpaquePointer

  init(_ connection: OpaquePointer, _ sql: String) throws(ReplicaError) {
    var handle: OpaquePointer?
    let status = sqlite3_prepare_v3(
      connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
    guard status == SQLITE_OK, let handle else {
      throw ReplicaError(sqlite: status, String(cString: sqlite3_errmsg(connection)))
    }
    self.handle = handle
    self.connection = connection
  }

  deinit { sqlite3_finalize(handle) }

  // MARK: Binding; positions count from 1

  @inline(__always)
  func bind(_ position: Int32, _ value: Int64) { sqlite3_bind_int64(handle, position, value) }

  @inline(__always)
  func bindNull(_ position: Int32) { sqlite3_bind_null(handle, position) }

  @inline(__always)
  func bind(_ position: Int32, text: UnsafeRawBufferPointer) {
    sqlite3_bind_text(
      handle, position, text.baseAddress?.assumingMemoryBound(to: CChar.self) ?? Self.empty,
      Int32(text.count), nil)
  }

  @inline(__always)
  func bind(_ position: Int32, blob: UnsafeRawBufferPointer) {
    if let start = blob.baseAddress {
      sqlite3_bind_blob(handle, position, start, Int32(blob.count), nil)
    } else {
      sqlite3_bind_zeroblob(handle, position, 0)
    }
  }

  /// Binds a copy: for values that do not outlive the call.
  func bind(_ position: Int32, copying bytes: [UInt8]) {
    sqlite3_bind_blob(handle, position, bytes, Int32(bytes.count), Self.transient)
    if bytes.isEmpty { sqlite3_bind_zeroblob(handle, position, 0) }
  }

  /// Binds a copy of a text's bytes as they are.
  func bind(_ position: Int32, copyingText bytes: ArraySlice<UInt8>) {
    bytes.withUnsafeBytes { bytes in
      let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) ?? Self.empty
      sqlite3_bind_text(handle, position, start, Int32(bytes.count), Self.transient)
    }
  }

  func bind(_ position: Int32, copying text: String) {
    var text = text
    text.withUTF8 { utf8 in
      _ = utf8.withMemoryRebound(to: CChar.self) {
        sqlite3_bind_text(
          handle, position, $0.baseAddress ?? Self.empty, Int32($0.count), Self.transient)
      }
    }
  }

  /// SQLITE_TRANSIENT, whose macro Swift cannot read.
  private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
  /// An empty text is not NULL. Safe to share: written once here, never freed.
  nonisolated(unsafe) private static let empty: UnsafePointer<CChar> = {
    let byte = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
    byte.pointee = 0
    return UnsafePointer(byte)
  }()

  // MARK: Running

  /// Steps once. True if there is a row.
  @inline(__always)
  func step() throws(ReplicaError) -> Bool {
    let status = sqlite3_step(handle)
    if status == SQLITE_ROW { return true }
    if status == SQLITE_DONE { return false }
    let message = String(cString: sqlite3_errmsg(connection))
    sqlite3_reset(handle)
    throw ReplicaError(sqlite: status, message)
  }

  @inline(__always)
  func reset() { sqlite3_reset(handle) }

  /// Steps a statement that gives no row, and resets it.
  @inline(__always)
  func run() throws(ReplicaError) {
    _ = try step()
    sqlite3_reset(handle)
  }

  /// Calls `row` for each row, then resets.
  func eachRow(_ row: (Statement) throws(ReplicaError) -> Void) throws(ReplicaError) {
    defer { reset() }
    while try step() { try row(self) }
  }

  // MARK: Reading; columns count from 0

  @inline(__always)
  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  @inline(__always)
  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

  /// The bytes of a text or blob, until the next step.
  @inline(__always)
  func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
    let start = sqlite3_column_blob(handle, column)
    return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
  }

  func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }

  /// The cell as a value, by SQLite's type of it.
  func value(_ column: Int32) -> Value {
    switch sqlite3_column_type(handle, column) {
    case SQLITE_INTEGER: .integer(integer(column))
    case SQLITE_TEXT: Value(bytes: [2] + bytes(column))
    default: .null
    }
  }
}
