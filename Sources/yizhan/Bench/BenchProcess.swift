internal import Foundation
internal import Wording

/// A program that the bench runs beside itself, and what the kernel says of it.
final class BenchProcess {
  private let process = Process()
  private let output = Pipe()

  init(_ program: String, _ arguments: [String]) throws {
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch {
      throw Failure(code: "disk_error", reason: "cannot run \(program): \(error)")
    }
  }

  /// This program again.
  static func yizhan(_ arguments: String...) throws -> BenchProcess {
    try BenchProcess("/proc/self/exe", arguments)
  }

  /// The first line that it prints.
  func firstLine() -> String {
    var line: [UInt8] = []
    while let byte = try? output.fileHandleForReading.read(upToCount: 1)?.first, byte != 10 {
      line.append(byte)
    }
    return String(decoding: line, as: UTF8.self)
  }

  /// Seconds of CPU that it has used.
  var cpu: Double {
    let text =
      (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8))
      ?? ""
    let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
      return 0
    }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// MiB of a line of /proc/PID/status, such as `VmHWM`.
  func memory(_ name: String) -> Double {
    let path = "/proc/\(process.processIdentifier)/status"
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
    return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first).flatMap { Double($0) }
      .map { $0 / 1024 } ?? 0
  }

  /// Waits until it has done what it is for.
  func finish() throws {
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(code: "internal", reason: "a command of the bench failed")
    }
  }

  func end() {
    guard process.isRunning else { return }
    process.terminate()
    process.waitUntilExit()
  }

  deinit { end() }
}
