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

  enum Adding {
    case added
    /// All uploads together have come to what may be held.
    case full
    /// The request has more than it announced, or a newer one has taken over.
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
    var files = Files()
  }

  /// What lies in the folder.
  private struct Files {
    var count = 0
    var bytes = 0
  }

  private let state = Mutex(State())
  private let folder: String
  /// Of all uploads in memory.
  private let bytesMax: Int

  /// Of all files.
  private let filesMax: Int
  private let fileBytesMax: Int

  init(
    folder: String, bytesMax: Int = 64 << 20, filesMax: Int = 20_000, fileBytesMax: Int = 256 << 20
  ) throws {
    self.folder = folder
    self.bytesMax = bytesMax
    self.filesMax = filesMax
    self.fileBytesMax = fileBytesMax
    mkdir(folder, 0o755)
    state.withLock { $0.files = sweep(keeping: Files(count: filesMax, bytes: fileBytesMax)) }
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

  func add(_ bytes: some Collection<UInt8>, _ ticket: inout Ticket) -> Adding {
    let skipped = min(ticket.skip, bytes.count)
    ticket.skip -= skipped
    let (id, turn, length) = (ticket.id, ticket.turn, ticket.length)
    return state.withLock { state in
      guard let count = state.uploads[id]?.bytes.count, state.uploads[id]?.turn == turn,
        count + bytes.count - skipped <= length
      else { return .lying }
      // Many that began when there was room may want more than there is.
      guard state.held + bytes.count - skipped <= bytesMax else { return .full }
      state.uploads[id]?.bytes.append(contentsOf: bytes.dropFirst(skipped))
      state.held += bytes.count - skipped
      return .added
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
      if upload.bytes.count < ticket.length { save(ticket.id, upload.bytes, &state.files) }
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
  private func save(_ id: String, _ bytes: [UInt8], _ files: inout Files) {
    guard !bytes.isEmpty else { return }
    // Anybody can begin a bundle, and none of these files is needed: the newest half stays.
    if files.count >= filesMax || files.bytes + bytes.count > fileBytesMax {
      files = sweep(keeping: Files(count: filesMax / 2, bytes: fileBytesMax / 2))
    }
    guard let file = fopen(path(id), "w") else { return }
    let count = fwrite(bytes, 1, bytes.count, file)
    if fclose(file) != 0 || count != bytes.count { unlink(path(id)) }
    // Files that are written again or go are counted too: the next sweep counts anew.
    files.count += 1
    files.bytes += bytes.count
  }

  private static let ageMax = 40 * 86_400

  private struct Part {
    let path: String
    let age: Int
    let bytes: Int
  }

  /// Takes away what nobody has gone on with for long, and the oldest beyond what is to be kept.
  private func sweep(keeping most: Files) -> Files {
    var kept = Files()
    for part in parts().sorted(by: { $0.age < $1.age }) {
      guard part.age <= Self.ageMax, kept.count < most.count,
        kept.bytes + part.bytes <= most.bytes
      else {
        unlink(part.path)
        continue
      }
      kept.count += 1
      kept.bytes += part.bytes
    }
    return kept
  }

  private func parts() -> [Part] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var parts: [Part] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name.hasSuffix(".part") else { continue }
      var status = stat()
      let path = folder + "/" + name
      guard stat(path, &status) == 0 else { continue }
      let age = now.tv_sec - status.st_mtim.tv_sec
      parts.append(Part(path: path, age: age, bytes: Int(status.st_size)))
    }
    return parts
  }
}
