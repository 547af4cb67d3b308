import Bundles
import Causality
import Records
import Testing

@testable import Replica

/// P9 and P14: a bundle that was cut or flipped leaves whole valid pieces or nothing.
@Suite struct TornTests {
  let ground: Ground
  let sender: Site
  let reader: Site
  let dice = Seeded(9)

  init() throws {
    ground = try Ground()
    sender = try Site(on: ground, dice)
    reader = try Site(on: ground, place: Shelf.town, role: .hub, dice)
  }

  private struct Undo: Error {}

  /// What merging would leave, without leaving it.
  private func trial(
    _ bytes: [UInt8], _ partition: PartitionID
  ) throws -> (dump: [String], code: String?) {
    let opened: OpenParcel
    do { opened = try OpenParcel(bytes) } catch { return ([], error.code.rawValue) }
    var result: (dump: [String], code: String?) = ([], nil)
    do {
      try reader.replica.write { store in
        let outcome = try store.merge(
          0, of: opened.manifest, codec: BundleCodec(), catalogue: nil, content: opened)
        try store.dump(partition) { result.dump.append($0) }
        result.code = outcome.refusal?.code
        throw Undo()
      }
    } catch is Undo {}
    return result
  }

  private func events() throws -> Parcel {
    for number in 0..<22 {
      try sender.replica.visits(1, who: "\(number) " + dice.text(200 + dice.below(90)))
    }
    let parcel = try Pieces.log(of: sender.replica, Shelf.log, bytesMax: 2000)
    try #require(try parcel.opened().following.count > 2)
    return parcel
  }

  /// What a replica shows that holds the first `count` events of the sender's one epoch.
  private func prefixes(_ partition: PartitionID) throws -> Set<[String]> {
    let dump = try sender.replica.dump(partition)
    let epoch = try #require(try sender.replica.vector(partition).entries.first).epoch
    return Set(
      (0...dump.count - 2).map { count in
        count == 0
          ? [] : [dump[0], "vector \(Dot(epoch, UInt64(count)))"] + dump[2..<2 + count]
      })
  }

  @Test func `every truncation of a log leaves whole pieces and says where it ends`() throws {
    let parcel = try events()
    let edges = try Pieces.edges(parcel)
    let prefixes = try prefixes(Shelf.log)
    var shown: [[String]: Int] = [:]
    for count in 0..<parcel.bytes.count {
      let (dump, code) = try trial(Array(parcel.bytes.prefix(count)), Shelf.log)
      #expect(prefixes.contains(dump), "cut at \(count)")
      #expect(code == "truncated", "cut at \(count)")
      #expect(dump.isEmpty == (count < edges[1]), "cut at \(count)")
      shown[dump, default: 0] += 1
    }
    // Each whole piece has shown up, for as many cuts as there are bytes in the next.
    #expect(shown.count == edges.count - 1)
    #expect(try trial(parcel.bytes, Shelf.log) == (try sender.replica.dump(Shelf.log), nil))
  }

  @Test func `two thousand flipped bits in a log never show what was not written`() throws {
    let parcel = try events()
    let prefixes = try prefixes(Shelf.log)
    for number in 0..<2000 {
      var bytes = parcel.bytes
      let at = dice.below(bytes.count)
      bytes[at] ^= UInt8(1 << dice.below(8))
      let (dump, code) = try trial(bytes, Shelf.log)
      #expect(prefixes.contains(dump) && code != nil, "flip \(number) at \(at): \(code ?? "-")")
    }
  }

  @Test func `a torn log is completed by the untouched bundle, or by the next`() throws {
    let parcel = try events()
    let edges = try Pieces.edges(parcel)
    let whole = try sender.replica.dump(Shelf.log)
    for (number, edge) in edges.dropFirst().enumerated() {
      let site = try Site(on: ground, place: Shelf.town, role: .hub, dice)
      let torn = Parcel(bytes: Array(parcel.bytes.prefix(edge - 1)))
      #expect(try site.replica.take(torn).codes == ["truncated"])
      #expect(try site.replica.complaints([Shelf.log]).isEmpty)
      if number % 2 == 0 {
        #expect(try site.replica.take(parcel).isClean)
      } else {
        #expect(try site.replica.pull([Shelf.log], from: sender.replica).isClean)
      }
      #expect(try site.replica.dump(Shelf.log) == whole)
      #expect(try site.replica.alarmCodes().isEmpty)
    }
  }

  // MARK: Records

  private func records() throws -> Parcel {
    for _ in 0..<3 { try sender.replica.note(dice.text(1500 + dice.below(300))) }
    let parcel = try Pieces.records(of: sender.replica, Shelf.work)
    try #require(try parcel.opened().following.count == 3)
    return parcel
  }

  @Test func `every truncation of a delta of records leaves nothing to be seen`() throws {
    let parcel = try records()
    for count in 0..<parcel.bytes.count {
      let (dump, code) = try trial(Array(parcel.bytes.prefix(count)), Shelf.work)
      #expect(dump.isEmpty && code == "truncated", "cut at \(count): \(code ?? "-")")
    }
    #expect(try trial(parcel.bytes, Shelf.work) == (try sender.replica.dump(Shelf.work), nil))
  }

  @Test func `two thousand flipped bits in records show all or nothing`() throws {
    let parcel = try records()
    for number in 0..<2000 {
      var bytes = parcel.bytes
      let at = dice.below(bytes.count)
      bytes[at] ^= UInt8(1 << dice.below(8))
      let (dump, code) = try trial(bytes, Shelf.work)
      #expect(dump.isEmpty && code != nil, "flip \(number) at \(at): \(code ?? "-")")
    }
  }

  private func keptPieces() throws -> Int64 {
    try reader.replica.read { store in
      let count = try store.statement("SELECT count(*) FROM kept_piece")
      defer { count.reset() }
      return try count.step() ? count.integer(0) : -1
    }
  }

  private func damaged(_ parcel: Parcel, piece: Int) throws -> Parcel {
    var bytes = parcel.bytes
    bytes[try Pieces.edges(parcel)[piece] + 5] ^= 1
    return Parcel(bytes: bytes)
  }

  @Test func `whole pieces of torn records complete a later delivery`() throws {
    let parcel = try records()
    let whole = try sender.replica.dump(Shelf.work)
    #expect(try reader.replica.take(damaged(parcel, piece: 1)).codes == ["piece_damaged"])
    #expect(try reader.replica.dump(Shelf.work).isEmpty)
    #expect(try keptPieces() == 2)
    try reader.reopen()
    // Now another piece is damaged; the one that was kept stands in for it.
    #expect(try reader.replica.take(damaged(parcel, piece: 2)).codes == [nil])
    #expect(try reader.replica.dump(Shelf.work) == whole)
    #expect(try keptPieces() == 0)
    #expect(try reader.replica.complaints([Shelf.work]).isEmpty)
  }

  @Test func `what was kept of one delta is not mistaken for another`() throws {
    let parcel = try records()
    #expect(try reader.replica.take(damaged(parcel, piece: 1)).codes == ["piece_damaged"])
    try sender.replica.note("one more")
    #expect(try reader.replica.pull([Shelf.work], from: sender.replica).isClean)
    #expect(try reader.replica.dump(Shelf.work) == sender.replica.dump(Shelf.work))
    #expect(try keptPieces() == 0)
    #expect(try reader.replica.take(damaged(parcel, piece: 1)).isClean)
  }
}
