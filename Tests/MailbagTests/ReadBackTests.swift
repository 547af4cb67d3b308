import Foundation
import Testing
import Wording

@testable import Mailbag

/// What is written to a stick is read back. What is said of it must send nobody to buy another stick
/// for one that was only pulled out.
@Suite struct ReadBackTests {
  /// What an export says when this is done to each file that has just been put in its place.
  private func told(_ doing: @escaping @Sendable (String) throws -> Void) throws -> MailbagError? {
    let country = try Country(stations: ["207"])
    try country.hub.item("镇", in: country.hub.notices)
    var stick = try country.stick()
    stick.placed = { path in
      do { try doing(path) } catch { Issue.record(error) }
    }
    let error = #expect(throws: MailbagError.self) { try country.hub.export(to: stick) }
    // Nothing was lost by it.
    stick = try country.stick()
    try country.hub.export(to: stick)
    #expect(try country.stations[0].take(stick).allSatisfy(\.isClean))
    return error
  }

  @Test func `a file that reads back differently is not verified`() throws {
    let error = try told { path in
      let handle = try #require(FileHandle(forUpdatingAtPath: path))
      try handle.seek(toOffset: 100)
      try handle.write(contentsOf: [0xA5])
      try handle.close()
    }
    #expect(error?.code == .notVerified)
  }

  @Test func `a file that is gone from a stick that is there is not verified`() throws {
    let error = try told { try FileManager.default.removeItem(atPath: $0) }
    #expect(error?.code == .notVerified)
  }

  @Test func `a stick that is pulled out before it was read back is missing`() throws {
    let error = try told { path in
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
      try FileManager.default.moveItem(atPath: folder, toPath: folder + "-pulled")
    }
    #expect(error?.code == .stickMissing)
  }

  @Test func `an empty file that a pulled stick left goes with the next export, and only that`()
    throws
  {
    let country = try Country(stations: ["207"])
    try country.hub.item("镇", in: country.hub.notices)
    let stick = try country.stick()
    let (left, own) = ("340123109207-340123109-7.yz", "photos.yz")
    for name in [left, own] {
      try Data().write(to: URL(fileURLWithPath: stick.path(name)))
    }
    try country.hub.export(to: stick)
    let names = try stick.files.names(in: stick.folder)
    #expect(!names.contains(left))
    #expect(names.contains(own) && names.count == 2)
  }
}
