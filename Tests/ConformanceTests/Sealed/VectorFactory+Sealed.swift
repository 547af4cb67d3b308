import Bundles
import Causality
import Crypto
import Records
import Trust

/// Sealed bundles that are taken, and what they hold.
extension VectorFactory {
  /// A bundle of two small pieces of events, both behind the manifest and of one length, so that
  /// they can be exchanged.
  static func smallTelling(number: UInt64 = 1) throws -> Telling {
    for salt in 1...200 as ClosedRange<Int64> {
      let telling = try smallTelling(number, salt)
      let lengths = telling.manifest.followingPieces.map(\.following)
      if lengths.count == 2, lengths[0] == lengths[1] { return telling }
    }
    throw Unmeant(description: "no two pieces of one length")
  }

  private static func smallTelling(_ number: UInt64, _ salt: Int64) throws -> Telling {
    let collection = EventCollection("note", [Column("n", .integer), Column("said", .text)])
    var history = LogHistory(log)
    let epoch = Epoch(bits: 0x7070)
    try history.begin(epoch)
    let lists = [1, 4].map { from in
      EventList(
        [collection],
        (from..<from + 3).map { sequence in
          EventList.Event(
            collection: 0, dot: Dot(epoch, UInt64(sequence)),
            cells: [.integer(Int64(sequence) * salt * Int64(number)), .text("水稻\(sequence)")])
        })
    }
    for list in lists { for event in list.events { history.log(event, of: list) } }
    var draft = BundleDraft()
    draft.manifest.number = number
    draft.add(history.delta, lists.map { .events($0) }, at: .behind)
    return draft.telling
  }

  static func emptyTelling() -> Telling { BundleDraft().telling }

  static func sealed() throws -> [Vector] {
    let highest = { (manifest: inout Manifest) in
      manifest.number = Limits.numberMax
      manifest.made = Limits.madeMax
    }
    var latest = emptyTelling()
    highest(&latest.manifest)
    let introduction = (0..<Limits.introductionBytesMax).map { UInt8(truncatingIfNeeded: $0 * 7) }
    let some = Array(introduction.prefix(81))
    return try [
      honest("empty", "A bundle without deltas and receipts.", emptyTelling()),
      honest("within", "One playback, within the manifest.", singlePlayback()),
      honest("two-pieces", "Two pieces behind the manifest.", smallTelling()),
      honest("three-pieces", "Three pieces, one larger.", severalEventPieces(at: .behind)),
      honest(
        "introduced", "The sender tells who it is, in bytes that the seal does not look into.",
        smallTelling(), introduction: some),
      honest(
        "introduced-at-length", "An introduction as long as it may be.", emptyTelling(),
        introduction: introduction),
      honest("highest-label", "A label of the highest number and time.", latest),
    ] + unusualPoints()
  }

  private static func singlePlayback() throws -> Telling {
    let world = try VectorWorld()
    let station = try world.station()
    try play([Playback()], at: station)
    return try world.bundle(station, to: VectorWorld.town, [log])
  }

  /// As the program seals it with these dice.
  private static func honest(
    _ name: String, _ about: String, _ telling: Telling, introduction: [UInt8] = []
  ) throws -> Vector {
    let dice = VectorKeys.dice(UInt8(truncatingIfNeeded: name.utf8.reduce(0) { $0 + Int($1) }))
    let (head, seal) = try SealedHead.close(
      telling.manifest, introduction: introduction, from: VectorKeys.village.keys,
      to: VectorKeys.town.publicKeys, random: dice)
    var draft = try SealedDraft(telling)
    draft.introduction = introduction
    let pieces = draft.pieces.enumerated().map { seal.close($1, number: UInt64($0) + 1) }
    return taken(name, about, draft, head + pieces.joined(), dice: dice)
  }

  /// Every point has a secret to share with it, unless that is zero: the reader does not ask whether
  /// an ephemeral key is reduced or on the curve. It is bound in as it stands.
  private static func unusualPoints() throws -> [Vector] {
    let draft = try SealedDraft(smallTelling())
    let points: [(String, String, [UInt8])] = try [
      ("high-bit", "The ephemeral key's highest bit is set: X25519 looks past it.", highBit()),
      (
        "not-reduced", "The ephemeral key is p + 3, which is the point of u = 3.",
        [0xF0] + Array(repeating: 0xFF, count: 30) + [0x7F]
      ),
      (
        "on-the-twist", "The ephemeral key is u = 2, a point of the twist.",
        [2] + Array(repeating: 0, count: 31)
      ),
    ]
    let town = try Curve25519.KeyAgreement.PrivateKey(
      rawRepresentation: VectorKeys.town.secret.suffix(32))
    return try points.map { name, about, point in
      let shared = try town.sharedSecretFromKeyAgreement(
        with: Curve25519.KeyAgreement.PublicKey(rawRepresentation: point))
      let parts = try draft.sealed(
        ephemeral: point, shared: shared.withUnsafeBytes { Array($0) })
      return taken("ephemeral-" + name, about, draft, parts.bytes())
    }
  }

  private static func highBit() throws -> [UInt8] {
    var point = Array(
      try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: VectorKeys.dice(5)).publicKey
        .rawRepresentation)
    point[31] |= 0x80
    return point
  }

  // MARK: As vectors

  private static func taken(
    _ name: String, _ about: String, _ draft: SealedDraft, _ bytes: [UInt8], dice: [UInt8]? = nil
  ) -> Vector {
    var members: [(String, JSON)] = [
      ("introduction", .text(hex(draft.introduction))), ("manifest", .text(hex(draft.manifest))),
      ("pieces", .texts(draft.pieces.map { hex($0) })),
    ]
    // With them a writer makes the same bundle.
    if let dice { members.append(("dice", .text(hex(dice)))) }
    return sealedVector(name, about, bytes, .says(nil), members)
  }

  static func refused(
    _ name: String, _ code: BundleError.Code, _ about: String, _ bytes: [UInt8]
  ) -> Vector {
    sealedVector(name, about, bytes, .refused(code), [])
  }

  private static func sealedVector(
    _ name: String, _ about: String, _ bytes: [UInt8], _ outcome: Vector.Outcome,
    _ members: [(String, JSON)]
  ) -> Vector {
    var code = JSON.null
    if case .refused(let refusal) = outcome { code = .text(refusal.rawValue) }
    let name = "sealed-" + name
    let (village, town) = (VectorKeys.village, VectorKeys.town)
    let all: [(String, JSON)] =
      [
        ("name", .text(name)), ("sender_secret", .text(hex(village.secret))),
        ("sender_public", .text(hex(village.publicKeys.bytes))),
        ("reader_secret", .text(hex(town.secret))),
        ("reader_public", .text(hex(town.publicKeys.bytes))), ("outcome", code),
      ] + members + [("bundle", .text(hex(bytes)))]
    return Vector(
      name: name, kind: .sealed, about: about, bytes: JSON.object(all).bytes, outcome: outcome)
  }
}
