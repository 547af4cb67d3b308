import Bundles
import Causality
import Exchange
import Foundation
import Records
import Replica
import Testing
import Trust
import Village

@testable import Mailbag

/// What a sender with a good key can do by mixing two of its own good bundles: any field of one
/// manifest in the other, sealed and signed anew. The hub refuses it, or holds nothing by it that it
/// would not hold otherwise (P9).
@Suite struct MixtureTests {
  /// A bundle without its seal.
  private struct Letter {
    var manifest: Manifest
    var pieces: [[UInt8]]
  }

  private typealias Swap = @Sendable (inout Manifest, Manifest) -> Void

  private static func ofLog(
    _ change: @escaping @Sendable (inout Delta, Delta) -> Void
  ) -> Swap {
    { mine, theirs in
      guard let at = mine.deltas.firstIndex(where: { $0.partition.section == .log }),
        let other = theirs.deltas.first(where: { $0.partition.section == .log })
      else { return }
      change(&mine.deltas[at], other)
    }
  }

  private static let swaps: [(String, Swap)] = [
    ("number", { $0.number = $1.number }), ("made", { $0.made = $1.made }),
    ("receipts", { $0.receipts = $1.receipts }), ("believed", { $0.believed = $1.believed }),
    ("all deltas", { $0.deltas = $1.deltas }),
    ("base", ofLog { $0.base = $1.base }),
    ("target", ofLog { ($0.target, $0.targetChains) = ($1.target, $1.targetChains) }),
    ("target without its chain", ofLog { $0.target = $1.target }),
    ("chain", ofLog { $0.targetChains = $1.targetChains }),
    ("digest", ofLog { $0.digest = $1.digest }), ("births", ofLog { $0.births = $1.births }),
    ("pieces", ofLog { $0.pieces = $1.pieces }),
    ("more pieces", ofLog { $0.pieces += $1.pieces }),
    (
      "pieces and target",
      ofLog { mine, theirs in
        (mine.pieces, mine.target, mine.targetChains) =
          (theirs.pieces, theirs.target, theirs.targetChains)
      }
    ),
  ]

  /// Of the swaps in the first and in the second letter, those that are noticed whatever the hub
  /// holds: a chain says which past is meant. There is an alarm, too.
  private static let refused: Set<String> = [
    "0 chain", "1 chain", "0 target without its chain", "1 target without its chain",
  ]

  private let country: Country
  private var hub: Office { country.hub }
  private var station: Office { country.stations[0] }
  private let letters: [Letter]

  /// Two letters, of which the hub holds the first and waits for the second, which goes on from it.
  init() throws {
    country = try Country(stations: ["207", "208"])
    let (hub, station) = (country.hub, country.stations[0])
    for station in country.stations { for _ in 0..<2 { try country.round(station) } }
    try station.playLong(2000)
    var letters = [try Self.letter(station, to: hub, country)]
    try country.round(station)
    try station.playLong(2500)
    letters.append(try Self.letter(station, to: hub, country))
    self.letters = letters
    #expect(letters.allSatisfy { !$0.pieces.isEmpty })
  }

  private static func letter(
    _ station: Office, to hub: Office, _ country: Country
  ) throws -> Letter {
    let stick = try country.stick()
    try station.export(to: stick, for: hub.place)
    let bytes = try stick.bytes(try #require(try stick.names().first { $0.hasSuffix(".yz") }))
    let (sender, reader) = try (Self.keys(station), Self.keys(hub))
    let sealed = try SealedBytes(bytes)
    let opened = try SealedHead.open(sealed.envelope, from: sender.publicKeys, with: reader)
    let bundle = MemoryBundle(sealed, opened)
    var pieces: [[UInt8]] = []
    for (delta, listed) in opened.manifest.deltas.enumerated() {
      for (piece, place) in listed.pieces.enumerated() where place.following > 0 {
        pieces.append(try bundle.bytes(delta: delta, piece: piece))
      }
    }
    return Letter(manifest: opened.manifest, pieces: pieces)
  }

  private static func keys(_ office: Office) throws -> SecretKeys {
    try #require(SecretKeys(office.secrets[0]))
  }

  /// The manifest with the pieces that it lists, whichever letter they are from, by the station's keys.
  private func seal(_ manifest: Manifest) throws -> [UInt8] {
    let (head, seal) = try SealedHead.close(
      manifest, from: Self.keys(station), to: Self.keys(hub).publicKeys,
      random: (0..<32).map { _ in UInt8(truncatingIfNeeded: country.dice.next()) })
    let all = letters.flatMap(\.pieces)
    let pieces = manifest.followingPieces.map { listed in
      all.first { (try? BundleCodec.verify($0, as: listed)) != nil } ?? []
    }
    return head
      + pieces.enumerated().flatMap { seal.close($1, number: UInt64($0) + 1) }
  }

  /// Gives the hub these bytes; returns the codes that it answers with. It then holds of the log what
  /// it held, or all that there is.
  private func deliver(_ manifest: Manifest, _ name: String) throws -> [String] {
    let before = try hub.dump([station.log])
    let stick = try country.stick()
    try stick.put("a.yz", seal(manifest))
    let codes = try hub.take(stick).flatMap {
      [$0.refusal?.code].compactMap { $0 } + $0.outcomes.compactMap(\.refusal?.code)
    }
    let after = try hub.dump([station.log])
    let isWhole = try after == station.dump([station.log])
    #expect(after == before || isWhole, "\(name): \(codes)")
    #expect(try hub.complaints().isEmpty, "\(name): \(codes)")
    return codes
  }

  /// In the end the truth comes, and is welcome.
  private func expectTruth() throws {
    for _ in 0..<3 { try country.round(station) }
    try country.expectEqual(station, exceptAlarms: true)
  }

  @Test func `a field of another letter of one's own is refused, or harmless`() throws {
    var refused: Set<String> = []
    // What is given last is most like the second letter, which would fill the hub.
    for (mine, theirs) in [(0, 1), (1, 0)] {
      for (name, swap) in Self.swaps.reversed() {
        var manifest = letters[mine].manifest
        swap(&manifest, letters[theirs].manifest)
        if try !deliver(manifest, name).isEmpty { refused.insert("\(mine) \(name)") }
      }
    }
    #expect(refused.isSuperset(of: Self.refused), "\(Self.refused.subtracting(refused))")
    try expectTruth()
  }

  @Test func `a letter under another's name, or for another's place or section, changes nothing`()
    throws
  {
    let (otherPlace, hubPlace) = (country.stations[1].place, hub.place)
    let all = country.shared(country.stations[1]) + [station.work]
    let before = try hub.dump(all)
    let swaps: [(String, Swap)] = [
      ("sender", { manifest, _ in manifest.sender = otherPlace }),
      ("unknown sender", { manifest, _ in manifest.sender = PlaceID(bits: 77) }),
      ("reader", { manifest, _ in manifest.reader = otherPlace }),
      ("place", Self.ofLog { delta, _ in delta.partition = PartitionID(otherPlace, .log) }),
      (
        "section",
        Self.ofLog { delta, _ in
          delta.partition = PartitionID(delta.partition.place, .work)
        }
      ),
      (
        "the hub's own",
        Self.ofLog { delta, _ in
          delta.partition = PartitionID(hubPlace, .public)
        }
      ),
    ]
    for (name, swap) in swaps {
      var manifest = letters[1].manifest
      swap(&manifest, letters[0].manifest)
      let log = try hub.dump([station.log])
      let codes = try deliver(manifest, name)
      // What is for another place is left for it.
      #expect(codes.isEmpty == (name == "reader"), "\(name): \(codes)")
      #expect(try hub.dump(all) == before, "\(name)")
      #expect(try hub.dump([station.log]) == log, "\(name)")
    }
    try expectTruth()
  }
}
