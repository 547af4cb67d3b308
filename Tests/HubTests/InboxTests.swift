import Foundation
import Testing

@testable import Hub

private struct Unlike: Error {
  let what: String
  init(_ what: String) { self.what = what }
}

final class InboxTests {
  private let folder = NSTemporaryDirectory() + "/inbox-\(UUID().uuidString)"

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func id(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 32 - digits.count) + digits
  }

  /// A request that brings so many bytes of a bundle and then breaks.
  private func begin(_ inbox: Inbox, _ number: Int, _ bytes: Int) throws {
    guard case .ready(var ticket) = inbox.open(id(number), length: 1000, from: 0) else {
      throw Unlike("it is not taken")
    }
    guard case .added = inbox.add([UInt8](repeating: 7, count: bytes), &ticket) else {
      throw Unlike("it is not added")
    }
    _ = inbox.close(ticket)
  }

  private var files: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: folder) }
  }

  @Test func `however many bundles are begun, the folder stays within its limits`() throws {
    let inbox = try Inbox(folder: folder, filesMax: 40, fileBytesMax: 10_000)
    for number in 0..<500 { try begin(inbox, number, 10) }
    #expect(try (20...40).contains(files.count))
    for number in 500..<700 { try begin(inbox, number, 900) }
    let sizes = try files.map {
      try FileManager.default.attributesOfItem(atPath: "\(folder)/\($0)")
    }
    .map { $0[.size] as? Int ?? 0 }
    #expect((5...40).contains(sizes.count) && sizes.reduce(0, +) <= 10_000)
  }

  @Test func `a bundle that breaks again and again is gone on with`() throws {
    let inbox = try Inbox(folder: folder, filesMax: 4)
    for _ in 0..<100 { try begin(inbox, 1, 10) }
    guard case .held(let count) = inbox.open(id(1), length: 1000, from: 1000) else {
      throw Unlike("nothing is held")
    }
    #expect(count == 10)
  }

  @Test func `uploads that began when there was room do not take more than there is`() throws {
    let inbox = try Inbox(folder: folder, bytesMax: 1500)
    guard case .ready(var first) = inbox.open(id(1), length: 1000, from: 0),
      case .ready(var second) = inbox.open(id(2), length: 1000, from: 0)
    else { throw Unlike("they are not taken") }
    let body = [UInt8](repeating: 7, count: 1000)
    guard case .added = inbox.add(body, &first), case .full = inbox.add(body, &second) else {
      throw Unlike("both are added")
    }
    guard case .whole = inbox.close(first), case .added = inbox.add(body, &second) else {
      throw Unlike("there is room when the first has gone")
    }
  }
}
