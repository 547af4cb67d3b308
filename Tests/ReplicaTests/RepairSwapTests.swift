import Foundation
import Testing

@testable import Replica

/// A new database takes the place of a damaged one, and the power goes at any moment.
@Suite struct RepairSwapTests {
  private struct PowerCut: Error {}

  private let folder: String
  private var database: String { folder + "/yizhan.db" }

  init() throws {
    folder = NSTemporaryDirectory() + "yizhan-swap-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private func write(_ path: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }

  private func read(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Whether the old database is there with its log, or the new one without.
  private var isSound: Bool {
    if read(database) == "old" { return read(database + "-wal") == "log" }
    return read(database) == "new" && read(database + "-wal") == nil
  }

  @Test func `a repair that is cut short anywhere goes on`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var cut = 0
    var isDone = false
    while !isDone {
      for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
        try FileManager.default.removeItem(atPath: folder + "/" + name)
      }
      try write(database, "old")
      try write(database + "-wal", "log")
      var swap = DatabaseSwap(database)
      try write(swap.draft, "new")
      var left = cut
      swap.willChange = {
        if left == 0 { throw PowerCut() }
        left -= 1
      }
      do {
        _ = try swap.commit()
        isDone = true
      } catch is PowerCut {}
      let next = DatabaseSwap(database)
      #expect(next.isUnfinished || isSound, "cut \(cut)")
      if next.isUnfinished { #expect(read(next.newest) == "new", "cut \(cut)") }
      try next.finish()
      #expect(isSound, "cut \(cut)")
      if read(database) == "old" {
        next.begin()
        try write(next.draft, "new")
        _ = try next.commit()
      }
      #expect(isSound && read(database) == "new", "cut \(cut)")
      #expect(read(folder + "/damaged-1/yizhan.db") == "old", "cut \(cut)")
      #expect(read(folder + "/damaged-1/yizhan.db-wal") == "log", "cut \(cut)")
      #expect(read(folder + "/damaged-2/yizhan.db") == nil, "cut \(cut)")
      cut += 1
    }
    #expect(cut > 4)
  }
}
