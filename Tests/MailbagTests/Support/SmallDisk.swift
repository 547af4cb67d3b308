import Foundation
import Testing

/// A file system of its own, small and in memory. Mounting needs rights that not every machine
/// gives; tests that need one say so and are skipped there.
final class SmallDisk {
  let folder: String

  /// Whether one can be mounted here. Tried once.
  static let isAllowed: Bool = (try? SmallDisk(kilobytes: 64)) != nil

  struct NotAllowed: Error {}

  init(kilobytes: Int) throws {
    folder = NSTemporaryDirectory() + "yizhan-disk-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    guard
      getuid() == 0, Self.run("mount", "-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", folder)
    else {
      try FileManager.default.removeItem(atPath: folder)
      throw NotAllowed()
    }
  }

  deinit {
    _ = Self.run("umount", folder)
    try? FileManager.default.removeItem(atPath: folder)
  }

  func remount(_ mode: Mode) throws {
    guard Self.run("mount", "-o", "remount,\(mode.rawValue)", folder) else { throw NotAllowed() }
  }

  enum Mode: String {
    case readOnly = "ro"
    case readWrite = "rw"
  }

  /// Fills all but `left` bytes.
  func fill(leaving left: Int) throws {
    let ballast = try FileHandle(forWritingTo: makeBallast())
    defer { try? ballast.close() }
    let free = try freeBytes()
    if free > left { try ballast.write(contentsOf: Data(count: free - left)) }
  }

  func empty() throws { try FileManager.default.removeItem(atPath: folder + "/ballast") }

  func freeBytes() throws -> Int {
    let values = try FileManager.default.attributesOfFileSystem(forPath: folder)
    return (values[.systemFreeSize] as? NSNumber)?.intValue ?? 0
  }

  private func makeBallast() -> URL {
    _ = FileManager.default.createFile(atPath: folder + "/ballast", contents: nil)
    return URL(fileURLWithPath: folder + "/ballast")
  }

  private static func run(_ arguments: String...) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
