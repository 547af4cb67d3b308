import Glibc
import Wording

@testable import Mailbag

/// A stick with FAT, in memory: clusters with data, a table that chains them, and slots with names, first
/// clusters and sizes. Nothing of it is written in any order: until a file is synced, each of its
/// clusters, each link of its chain and its slot may have reached the stick or not; until the folder is
/// synced, so may each slot (as with vfat under Linux; there is no journal). Where a file that was renamed
/// begins and how long it is reaches its new slot with the file, not with the folder.
///
/// `@unchecked Sendable`: a test uses it from one thread at a time.
final class ModelFAT: FileSystem, @unchecked Sendable {
  struct Slot: Equatable {
    let name: String
    var first: Int
    var size: Int
  }

  /// Where something lies on the stick.
  enum Spot: Hashable {
    case data(Int)
    case link(Int)
    case slot(Int)
  }

  enum Content: Equatable {
    case data([UInt8])
    case link(Int)
    case slot(Slot?)
  }

  enum Failure: Int32, CaseIterable {
    case error = 5  // EIO
    case full = 28  // ENOSPC
    case gone = 19  // ENODEV
  }

  struct Blow {
    let failure: Failure
    let call: Int
    var isSticky = false
  }

  static let clusterBytes = 512
  static let free = 0
  static let end = -1

  let folder = "/stick"
  private let clusters: Int
  /// As programs see it.
  private(set) var now: [Spot: Content] = [:]
  /// What was there when it was last synced, of what was changed since.
  private var before: [Spot: [Content]] = [:]
  private var slotCount = 0
  /// Slots that a rename has made, and what of them is durable; they go when both is.
  private var renamed: [Int: (isNamed: Bool, isFilled: Bool)] = [:]
  private var calls = 0
  var blow: Blow?
  /// Faults that tests put in: what is synced is not.
  var ignoresFileSync = false
  var ignoresFolderSync = false

  init(clusters: Int) { self.clusters = clusters }

  var callCount: Int { calls }

  // MARK: Spots

  private func data(_ cluster: Int) -> [UInt8] {
    if case .data(let bytes)? = now[.data(cluster)] { return bytes }
    return [UInt8](repeating: 0, count: Self.clusterBytes)
  }

  private func link(_ cluster: Int) -> Int {
    if case .link(let next)? = now[.link(cluster)] { return next }
    return Self.free
  }

  func slot(_ number: Int) -> Slot? {
    if case .slot(let slot)? = now[.slot(number)] { return slot }
    return nil
  }

  private func blank(_ spot: Spot) -> Content {
    switch spot {
    case .data: .data([UInt8](repeating: 0, count: Self.clusterBytes))
    case .link: .link(Self.free)
    case .slot: .slot(nil)
    }
  }

  private func set(_ spot: Spot, _ content: Content) {
    let old = now[spot] ?? blank(spot)
    guard old != content else { return }
    if case .slot(let number) = spot { slotCount = max(slotCount, number + 1) }
    if case .slot(let number) = spot, content == .slot(nil) { renamed[number] = nil }
    before[spot, default: []].append(old)
    now[spot] = content
  }

  private func makeDurable(_ spot: Spot) { before[spot] = nil }

  /// The clusters of a chain as far as it holds together.
  private func chain(_ first: Int) -> [Int] {
    var chain: [Int] = []
    var cluster = first
    while cluster > 0, cluster <= clusters, chain.count <= clusters {
      chain.append(cluster)
      cluster = link(cluster)
    }
    return chain
  }

  // MARK: Cuts

  enum Luck {
    case nothingKept
    case allKept
    case any(Seeded)
  }

  /// The stick as it may be found after it was pulled out now.
  func cut(_ luck: Luck) -> ModelFAT {
    let stick = ModelFAT(clusters: clusters)
    stick.now = now
    stick.slotCount = slotCount
    // In one order, for the dice.
    for (spot, past) in before.sorted(by: { "\($0.key)" < "\($1.key)" }) {
      let choices = past + [now[spot] ?? blank(spot)]
      switch luck {
      case .allKept: break
      case .nothingKept: stick.now[spot] = choices[0]
      case .any(let dice):
        let which = dice.chance(50) ? dice.below(choices.count) : dice.chance(50) ? 0 : past.count
        stick.now[spot] = torn(choices[which], choices[0], dice)
      }
    }
    return stick
  }

  /// Data may be half there, or garbage.
  private func torn(_ content: Content, _ old: Content, _ dice: Seeded) -> Content {
    guard case .data(let bytes) = content, case .data(let past) = old, content != old else {
      return content
    }
    let half = Self.clusterBytes / 2
    switch dice.below(16) {
    case 0: return .data(Array(bytes[..<half] + past[half...]))
    case 1: return .data(bytes.map { _ in UInt8(dice.below(256)) })
    default: return content
    }
  }

  /// All that is on it is durable.
  func settle() {
    before = [:]
    renamed = [:]
  }

  // MARK: Calls

  /// Counts a call and throws if it is to fail.
  private func call(_ what: Message, _ path: String, needsRoom: Bool = false) throws {
    calls += 1
    guard let blow, calls == blow.call || calls > blow.call && blow.isSticky,
      blow.failure != .full || needsRoom
    else { return }
    throw SystemFiles.error(what, path, number: blow.failure.rawValue)
  }

  /// Begins to count anew.
  func begin(_ blow: Blow?) {
    self.blow = blow
    calls = 0
  }

  private func name(_ path: String) -> String {
    String(path.dropFirst(folder.count + 1))
  }

  private func find(_ path: String) -> Int? {
    let name = name(path)
    return (0..<slotCount).first { slot($0)?.name == name }
  }

  private func found(_ what: Message, _ path: String) throws -> Int {
    guard let number = find(path) else {
      throw SystemFiles.error(what, path, number: ENOENT)
    }
    return number
  }

  private func freeSlot() -> Int {
    (0..<slotCount).first { slot($0) == nil } ?? slotCount
  }

  private func release(_ first: Int) {
    for cluster in chain(first) { set(.link(cluster), .link(Self.free)) }
  }

  // MARK: FileSystem

  func open(_ path: String) throws -> any OpenFile {
    try call("open", path)
    return File(self, try found("open", path))
  }

  func create(_ path: String) throws -> any OpenFile {
    try call("create", path, needsRoom: true)
    let number = find(path) ?? freeSlot()
    if let old = slot(number) { release(old.first) }
    set(.slot(number), .slot(Slot(name: name(path), first: Self.free, size: 0)))
    return File(self, number)
  }

  func rename(_ from: String, _ to: String) throws {
    try call("rename", to, needsRoom: true)
    let source = try found("rename", from)
    let target = find(to)
    guard let moved = slot(source) else { return }
    let old = target.flatMap { slot($0) }
    let entry = target ?? freeSlot()
    // As Linux does it: the new entry is empty, and is filled in when the file is written.
    let made = Slot(name: name(to), first: moved.first, size: moved.size)
    set(.slot(entry), empty(made))
    set(.slot(entry), .slot(made))
    renamed[entry] = (isNamed: false, isFilled: false)
    set(.slot(source), .slot(nil))
    if let old { release(old.first) }
  }

  func remove(_ path: String) throws {
    try call("remove", path)
    guard let number = find(path), let old = slot(number) else { return }
    set(.slot(number), .slot(nil))
    release(old.first)
  }

  func syncFolder(_ path: String) throws {
    try call("write", path)
    guard !ignoresFolderSync else { return }
    for number in 0..<slotCount {
      makeDurable(.slot(number))
      guard let state = renamed[number], !state.isFilled, let slot = slot(number) else {
        renamed[number] = nil
        continue
      }
      renamed[number] = (isNamed: true, isFilled: false)
      before[.slot(number)] = [empty(slot)]
    }
  }

  /// What a slot is between the rename that makes it and the writing of its file.
  private func empty(_ slot: Slot) -> Content {
    .slot(Slot(name: slot.name, first: Self.free, size: 0))
  }

  /// A file is synced: its slot too, but for the name if a rename has given it.
  private func fill(_ number: Int) {
    guard let state = renamed[number], !state.isNamed, let slot = slot(number) else {
      renamed[number] = nil
      makeDurable(.slot(number))
      return
    }
    renamed[number] = (isNamed: false, isFilled: true)
    before[.slot(number)]?.removeAll { $0 == empty(slot) }
  }

  func makeFolder(_ path: String) throws { try call("create", path) }

  func isFolder(_ path: String) -> Bool {
    (try? call("read", path)) != nil && path == folder
  }

  func isFile(_ path: String) throws -> Bool {
    try call("read", path)
    _ = try found("read", path)
    return true
  }

  func forget(_ path: String) throws { try call("open", path) }

  func names(in folder: String) throws -> [String] {
    try call("read", folder)
    return (0..<slotCount).compactMap { slot($0)?.name }.sorted()
  }

  func size(_ path: String) throws -> UInt64 {
    try call("read", path)
    return UInt64(slot(try found("read", path))?.size ?? 0)
  }

  func freeBytes(_ folder: String) throws -> UInt64 {
    try call("read", folder)
    return UInt64((1...clusters).filter { link($0) == Self.free }.count * Self.clusterBytes)
  }
}

extension ModelFAT {
  /// An open file. The slot is where it was opened: files that are open are not renamed.
  private final class File: OpenFile {
    private let stick: ModelFAT
    private let number: Int

    init(_ stick: ModelFAT, _ number: Int) {
      self.stick = stick
      self.number = number
    }

    private func slot() -> Slot { stick.slot(number) ?? Slot(name: "", first: 0, size: 0) }

    func write(_ bytes: [UInt8], to path: String) throws {
      // What fails may have written a part.
      do { try stick.call("write", path, needsRoom: true) } catch {
        try? append(Array(bytes.prefix(bytes.count / 2)), path)
        throw error
      }
      try append(bytes, path)
    }

    private func append(_ bytes: [UInt8], _ path: String) throws {
      var rest = bytes[...]
      while !rest.isEmpty {
        var slot = slot()
        let chain = stick.chain(slot.first)
        let inside = slot.size % ModelFAT.clusterBytes
        let cluster = try inside > 0 ? chain[chain.count - 1] : grow(&slot, chain.last, path)
        let part = rest.prefix(ModelFAT.clusterBytes - inside)
        var data = stick.data(cluster)
        data.replaceSubrange(inside..<inside + part.count, with: part)
        stick.set(.data(cluster), .data(data))
        slot.size += part.count
        stick.set(.slot(number), .slot(slot))
        rest = rest.dropFirst(part.count)
      }
    }

    /// The first free cluster, so that what was just freed is used again: the worst that can be.
    private func grow(_ slot: inout Slot, _ last: Int?, _ path: String) throws -> Int {
      guard let cluster = (1...stick.clusters).first(where: { stick.link($0) == ModelFAT.free })
      else { throw SystemFiles.error("write", path, number: ENOSPC) }
      stick.set(.link(cluster), .link(ModelFAT.end))
      if let last { stick.set(.link(last), .link(cluster)) } else { slot.first = cluster }
      return cluster
    }

    func read(at offset: UInt64, count: Int, of path: String) throws -> [UInt8] {
      try stick.call("read", path)
      let slot = slot()
      let from = min(Int(offset), slot.size)
      let to = min(from + count, slot.size)
      guard from < to else { return [] }
      let chain = stick.chain(slot.first)
      var bytes: [UInt8] = []
      for index in from / ModelFAT.clusterBytes...(to - 1) / ModelFAT.clusterBytes {
        // A chain that breaks off.
        guard index < chain.count else { throw SystemFiles.error("read", path, number: EIO) }
        bytes += stick.data(chain[index])
      }
      let start = from % ModelFAT.clusterBytes
      return Array(bytes[start..<start + to - from])
    }

    func cut(to size: UInt64, _ path: String) throws {
      throw SystemFiles.error("write", path, number: EINVAL)
    }

    func sync(_ path: String) throws {
      try stick.call("write", path)
      guard !stick.ignoresFileSync else { return }
      for cluster in stick.chain(slot().first) {
        stick.makeDurable(.data(cluster))
        stick.makeDurable(.link(cluster))
      }
      stick.fill(number)
    }
  }
}
