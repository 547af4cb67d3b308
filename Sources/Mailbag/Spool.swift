internal import Replica
internal import Wording

/// Where the pieces of a bundle wait until the manifest, which goes before them, is known: in
/// memory while they are few, else in a file of the data folder.
final class Spool: PieceSpool {
  private static let memoryMax: UInt64 = 1 << 20
  private let path: String
  private var memory: [UInt8] = []
  private var file: (any OpenFile)?
  private let files = SystemFiles()
  /// The size after each piece.
  private var ends: [UInt64] = []

  init(folder: String) { path = folder + "/spool.tmp" }

  var size: UInt64 { ends.last ?? 0 }

  func add(_ bytes: [UInt8]) throws {
    ends.append(size + UInt64(bytes.count))
    if file == nil, size <= Self.memoryMax {
      memory += bytes
      return
    }
    try onDataDisk {
      let file = try self.file ?? files.create(path)
      self.file = file
      try file.write(memory, to: path)
      memory = []
      try file.write(bytes, to: path)
    }
  }

  func keep(_ count: Int) throws {
    ends.removeLast(ends.count - count)
    if let file {
      try onDataDisk { try file.cut(to: size, path) }
    } else {
      memory.removeLast(memory.count - Int(size))
    }
  }

  /// This is no stick: what fails here is the disk of the data folder.
  private func onDataDisk(_ body: () throws -> Void) throws {
    do { try body() } catch let error as MailbagError {
      throw error.code == .stickFull
        ? ReplicaError(
          .diskFull, "the disk of the data folder is full", hint: "free some space and repeat")
        : ReplicaError(.diskError, error.why, hint: "check the disk of the data folder")
    }
  }

  /// Calls `body` with each piece and its number, from 1.
  func eachPiece(_ body: ([UInt8], UInt64) throws -> Void) throws {
    var start: UInt64 = 0
    for (index, end) in ends.enumerated() {
      let bytes =
        try file?.read(at: start, count: Int(end - start), of: path)
        ?? Array(memory[Int(start)..<Int(end)])
      guard bytes.count == Int(end - start) else { throw SystemFiles.error("read", path) }
      try body(bytes, UInt64(index) + 1)
      start = end
    }
  }

  func remove() { if file != nil { try? files.remove(path) } }
}
