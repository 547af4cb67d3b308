internal import Exchange
internal import Glibc
internal import Synchronization

/// Bundles on their way in. What has come of one stays when its link breaks, also when the hub
/// is ended, and the next request goes on from there.
final class Inbox: Sendable {
  /// The right to add to an upload. A newer request for the same bundle takes it away from an
  /// older one, whose link may be dead without anybody knowing.
  struct Ticket {
    fileprivate let id: String
    fileprivate let length: Int
    fileprivate let turn: UInt64
    /// Bytes at the start of the request's body that are here already.
    fileprivate var skip: Int
  }

  enum Opening {
    case ready(Ticket)
    /// This much is held; a request begins there or before.
    case held(Int)
    case full
    /// More is held than the request says that the bundle has.
    case lying
  }

  enum Closing {
    case whole([UInt8])
    case partial(Int)
  }

  private struct Upload {
    var bytes: [UInt8]
    var turn: UInt64
  }

  private struct State {
    var uploads: [String: Upload] = [:]
    var turns: UInt64 = 0
    var held = 0
  }

  private let state = Mutex(State())
  private let folder: String
  /// Of all uploads in memory.
  private let bytesMax: Int

  init(folder: String, bytesMax: Int = 64 << 20) throws {
    self.folder = folder
    self.bytesMax = bytesMax
    mkdir(folder, 0o755)
    sweep()
  }

  /// Begins or goes on with an upload. `id` is 32 hexadecimal digits.
  func open(_ id: String, length: Int, from offset: Int) -> Opening {
    state.withLock { state in
      let bytes = state.uploads[id]?.bytes ?? load(id)
      guard bytes.count <= length else { return .lying }
      guard offset <= bytes.count else { return .held(bytes.count) }
      let isNew = state.uploads[id] == nil
      guard state.held + (isNew ? bytes.count : 0) + length - bytes.count <= bytesMax else {
        return .full
      }
      if isNew { state.held += bytes.count }
      state.turns += 1
      state.uploads[id] = Upload(bytes: bytes, turn: state.turns)
      return .ready(
        Ticket(id: id, length: length, turn: state.turns, skip: bytes.count - offset))
    }
  }

  /// False if the request has more than it announced, or a newer one has taken over.
  func add(_ bytes: some Collection<UInt8>, _ ticket: inout Ticket) -> Bool {
    let skipped = min(ticket.skip, bytes.count)
    ticket.skip -= skipped
    let (id, turn, length) = (ticket.id, ticket.turn, ticket.length)
    return state.withLock { state in
      guard let count = state.uploads[id]?.bytes.count, state.uploads[id]?.turn == turn,
        count + bytes.count - skipped <= length
      else { return false }
      state.uploads[id]?.bytes.append(contentsOf: bytes.dropFirst(skipped))
      state.held += bytes.count - skipped
      return true
    }
  }

  /// The request's body has ended, or its link has broken.
  func close(_ ticket: Ticket) -> Closing {
    let closed: (bytes: [UInt8], isOwn: Bool) = state.withLock { state in
      guard let upload = state.uploads[ticket.id], upload.turn == ticket.turn else {
        return (state.uploads[ticket.id]?.bytes ?? [], false)
      }
      state.uploads[ticket.id] = nil
      state.held -= upload.bytes.count
      if upload.bytes.count < ticket.length { save(ticket.id, upload.bytes) }
      return (upload.bytes, true)
    }
    guard closed.isOwn, closed.bytes.count == ticket.length else {
      return .partial(closed.bytes.count)
    }
    unlink(path(ticket.id))
    return .whole(closed.bytes)
  }

  // MARK: Files

  private func path(_ id: String) -> String { "\(folder)/\(id).part" }

  private func load(_ id: String) -> [UInt8] {
    var status = stat()
    guard stat(path(id), &status) == 0, let file = fopen(path(id), "r") else { return [] }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    let count = fread(&bytes, 1, bytes.count, file)
    bytes.removeLast(bytes.count - count)
    return bytes
  }

  /// Not synced: what a power cut takes of it is sent again.
  private func save(_ id: String, _ bytes: [UInt8]) {
    guard !bytes.isEmpty, let file = fopen(path(id), "w") else { return }
    let count = fwrite(bytes, 1, bytes.count, file)
    if fclose(file) != 0 || count != bytes.count { unlink(path(id)) }
  }

  private static let filesMax = 20_000
  private static let ageMax = 40 * 86_400

  /// Takes away what nobody has gone on with for long.
  private func sweep() {
    guard let stream = opendir(folder) else { return }
    defer { closedir(stream) }
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var count = 0
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name.hasSuffix(".part") else { continue }
      var status = stat()
      let path = folder + "/" + name
      guard stat(path, &status) == 0 else { continue }
      count += 1
      let age = now.tv_sec - status.st_mtim.tv_sec
      if age > Self.ageMax || count > Self.filesMax { unlink(path) }
    }
  }
}
