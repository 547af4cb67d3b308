import Causality
import Records
import Testing

@testable import Replica

/// What a replica keeps for itself.
@Suite struct KeepsakeTests {
  private static func keys(_ site: Site, _ kind: String) throws -> [String] {
    try site.replica.read { try $0.keepsakes(kind).map(\.key) }
  }

  @Test func `what is kept is there after reopening, by kind and key, until it is discarded`()
    throws
  {
    let site = try Site(on: try Ground(), Seeded(1))
    try site.replica.write { store in
      try store.keep([1, 2], "playing", "乙")
      try store.keep([], "playing", "")
      try store.keep([9], "seen", "乙")
      try store.keep([3], "playing", "乙")
    }
    try site.reopen()
    let kept = try site.replica.read { try $0.keepsakes("playing") }
    #expect(kept == [.init(key: "", bytes: []), .init(key: "乙", bytes: [3])])
    #expect(try site.replica.read { try $0.keepsake("seen", "乙") } == [9])
    #expect(try site.replica.read { try $0.keepsake("seen", "甲") } == nil)
    try site.replica.write { try $0.discardKeepsake("playing", "乙") }
    #expect(try Self.keys(site, "playing") == [""])
    #expect(try Self.keys(site, "seen") == ["乙"])
  }

  @Test func `what is kept neither travels nor takes a dot`() throws {
    let site = try Site(on: try Ground(), Seeded(2))
    try site.replica.visits(2)
    let before = try site.replica.read { try $0.vectors().map(\.1.description) }
    let dump = try site.replica.dump(Shelf.log)
    try site.replica.write { try $0.keep([1], "playing", "a") }
    #expect(try site.replica.read { try $0.vectors().map(\.1.description) } == before)
    #expect(try site.replica.dump(Shelf.log) == dump)
  }

  @Test func `with a write that throws, what was to be kept goes too`() throws {
    struct Vain: Error {}
    let site = try Site(on: try Ground(), Seeded(3))
    #expect(throws: Vain.self) {
      try site.replica.write { store in
        try store.keep([1], "playing", "a")
        throw Vain()
      }
    }
    #expect(try Self.keys(site, "playing").isEmpty)
  }
}
