import Bundles
import Causality
import Exchange
import Foundation
import Records
import Testing
import Trust
import Wording

@testable import Mailbag

/// P9 and P16: nothing of a sealed bundle of 64 KiB can be changed or cut off.
///
/// Each bit of the head is flipped and the bundle opened from its start. A bit behind it can only
/// change the piece that it is in: of the head and of the other pieces the reader sees the same bytes,
/// so that piece alone is opened, by its seal, which every reader asks first. What a hub keeps of a torn
/// bundle, `a flipped bit anywhere merges nothing that was not sent` looks at.
@Suite struct DamageTests {
  private static let size = 65_536
  private let sender: SecretKeys
  private let reader: SecretKeys
  private let bytes: [UInt8]
  private let opened: (manifest: Manifest, seal: Seal)
  private let head: Int

  init() throws {
    sender = try #require(SecretKeys([UInt8](0..<64)))
    reader = try #require(SecretKeys([UInt8](64..<128)))
    // The last piece makes it 65,536 bytes.
    let counts = Array(repeating: 512, count: 112)
    let probe = try Self.bundle(counts + [500], sender, reader)
    bytes = try Self.bundle(counts + [500 + Self.size - probe.count], sender, reader)
    #expect(bytes.count == Self.size)
    let envelope = try Envelope(parsing: bytes)
    head = envelope.length
    opened = try SealedHead.open(envelope, from: sender.publicKeys, with: reader)
  }

  private static func bundle(
    _ counts: [Int], _ sender: SecretKeys, _ reader: SecretKeys
  ) throws -> [UInt8] {
    let dice = Seeded(64)
    let pieces = counts.map { count in
      (0..<count).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
    }
    var manifest = Manifest(
      sender: PlaceID(bits: 5), reader: PlaceID(bits: 6), number: 7, made: 1_800_000_000)
    manifest.deltas = [
      Delta(
        partition: PartitionID(PlaceID(bits: 5), .log), base: .init(), target: .init(),
        pieces: pieces.map {
          Piece(.following(length: $0.count, hash: ChainValue(hashing: $0)))
        })
    ]
    let (head, seal) = try SealedHead.close(
      manifest, from: sender, to: reader.publicKeys, random: Array(repeating: 3, count: 32))
    return head
      + pieces.enumerated().flatMap { seal.close($1, number: UInt64($0) + 1) }
  }

  private func isOpened(_ bytes: [UInt8]) -> Bool {
    guard let sealed = try? SealedBytes(bytes) else { return false }
    return (try? SealedHead.open(sealed.envelope, from: sender.publicKeys, with: reader)) != nil
  }

  private func isOpened(_ sealed: [UInt8], _ number: UInt64) -> Bool {
    (try? opened.seal.open(sealed, number: number)) != nil
  }

  /// The pieces: which of the delta's, where, and how the manifest lists it.
  private var pieces: [(index: Int, place: PieceMap.Place, listed: Piece)] {
    let map = PieceMap(opened.manifest, start: head, tag: Envelope.tagBytes)
    return opened.manifest.deltas[0].pieces.enumerated().map { ($0, map[0, $0], $1) }
  }

  /// In two halves, for two cores.
  @Test(arguments: [0, 1])
  func `P9, P16: no bit of a sealed bundle can be flipped`(half: Int) throws {
    let mine = pieces.filter { $0.index % 2 == half }
    #expect(head + pieces.reduce(0) { $0 + $1.place.length } == Self.size)
    var taken: [Int] = []
    for place in 0..<(half == 0 ? head : 0) {
      for bit in UInt8(0)..<8 {
        var flipped = Array(bytes[..<head])
        flipped[place] ^= 1 << bit
        if isOpened(flipped) { taken.append(place) }
      }
    }
    for piece in mine {
      let start = Int(piece.place.offset)
      var sealed = Array(bytes[start..<start + piece.place.length])
      _ = try piece.listed.opened(sealed, piece.place, opened.seal)
      for place in sealed.indices {
        for bit in UInt8(0)..<8 {
          sealed[place] ^= 1 << bit
          if isOpened(sealed, piece.place.number) { taken.append(start + place) }
          sealed[place] ^= 1 << bit
        }
      }
      sealed[0] ^= 1
      #expect(throws: BundleError(.pieceDamaged, "")) {
        try piece.listed.opened(sealed, piece.place, opened.seal)
      }
    }
    #expect(taken.isEmpty)
  }

  @Test func `P9, P16: a sealed bundle can be cut off nowhere`() throws {
    for count in 0..<head { #expect(!isOpened(Array(bytes[..<count])), "\(count)") }
    for piece in pieces {
      let start = Int(piece.place.offset)
      let sealed = bytes[start..<start + piece.place.length]
      for count in 0..<sealed.count {
        #expect(!isOpened(Array(sealed.prefix(count)), piece.place.number), "\(start + count)")
      }
      // What is before the cut is whole, and stays good.
      let torn = MemoryBundle(
        try SealedBytes(Array(bytes[..<(start + sealed.count - 1)])), opened)
      #expect(throws: BundleError(.truncated, "")) {
        try torn.bytes(delta: 0, piece: piece.index)
      }
      if piece.index > 0 { _ = try torn.bytes(delta: 0, piece: piece.index - 1) }
    }
  }

  @Test func `what was kept aside can be dropped though a power cut took its reason`() throws {
    let country = try Country()
    let (hub, station) = (country.hub, country.stations[0])
    let stick = try country.stick()
    try station.play(1)
    try station.export(to: stick)
    let name = try #require(try stick.names().first)
    try stick.put(name, Array(stick.bytes(name).dropLast(9)))
    _ = try hub.take(stick)
    try FileManager.default.removeItem(atPath: hub.aside + "/" + name + ".why")
    try Aside(hub.aside).drop(name)
    #expect(try FileManager.default.contentsOfDirectory(atPath: hub.aside).isEmpty)
  }
}
