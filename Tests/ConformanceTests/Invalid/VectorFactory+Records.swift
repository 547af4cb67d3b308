import Causality
import Records

@testable import Bundles

/// Record pieces that break one rule each.
extension VectorFactory {
  private static let threeFields = Described.layout("x", ("", 0), ("a", 0), ("b", 0))

  /// A piece of one record of `x`, told by its stream.
  private static func piece(
    _ layouts: [UInt8] = threeFields, count: UInt64 = 1, rows: UInt64 = 1, texts: [[UInt8]] = [],
    _ stream: (inout StreamScript) -> Void
  ) -> OpenPiece {
    OpenPiece(
      kind: 2, rows: rows, heap: OpenPiece.heap(count, layouts, texts: texts), stream)
  }

  /// A record with the field of deletion and no other.
  private static func deleted(_ stream: inout StreamScript, fields: Int = 3, layout: UInt64 = 0) {
    stream.number("layout", layout)
    stream.number("id epoch", 0)
    stream.signed("id step", 0)
    deletion(&stream)
    for field in 1..<max(fields, 1) { stream.bit("isPresent \(field)", false) }
    stream.bit("isVectorForetold", true)
  }

  /// The field of deletion at the record's id, null.
  private static func deletion(_ stream: inout StreamScript) {
    stream.bit("isPresent 0", true)
    stream.number("siblings 0", 0)
    stream.bit("isIdentity 0", true)
    time(&stream)
    stream.number("kind 0", 0)
  }

  private static func time(_ stream: inout StreamScript) {
    stream.signed("milliseconds", 0)
    stream.signed("timeCount", 0)
  }

  static let goodRecord = piece { deleted(&$0) }

  private static func refused(
    _ name: String, _ about: String, _ piece: OpenPiece,
    _ code: BundleError.Code = .pieceMalformed
  ) -> Vector {
    .invalid(name, code, about, piece.bundle(.work, to: 4096))
  }

  static func layouts() throws -> [Vector] {
    func described(_ layouts: [UInt8], count: UInt64 = 1, fields: Int = 1) -> OpenPiece {
      piece(layouts, count: count) { deleted(&$0, fields: fields) }
    }
    func many(_ layouts: Int) -> [UInt8] {
      (0..<layouts).flatMap { number in
        let count = number == 4 ? 1 : Limits.fieldsMax
        return Described.layout("c\(number)", (0..<count).map { ("f\($0)", 0) })
      }
    }
    var none = goodRecord
    none.rows = 0
    var crowd = goodRecord
    crowd.rows = UInt64(Limits.pieceRowsMax) + 1
    return [
      refused("no-records", "A piece of no records.", none),
      refused("too-many-records", "A piece of one record too many.", crowd, .pieceTooLarge),
      refused("no-layouts", "A heap without a layout.", described([], count: 0)),
      refused(
        "layout-twice", "Two layouts of one collection.",
        described(Described.layout("x", ("", 0)) + Described.layout("x", ("", 0)), count: 2)),
      refused(
        "layouts-cut", "The second of two layouts is missing.",
        described(Described.layout("x", ("", 0)), count: 2)),
      refused(
        "layout-without-name", "A collection without a name.",
        described(
          Described.layout("", ("", 0)))),
      refused(
        "layout-not-utf8", "A field whose name is not UTF-8.",
        described(
          [1, 0x78, 2, 0, 0, 1, 0xFF, 0], fields: 2)),
      refused(
        "field-with-a-space", "A field whose name has a space.",
        described(
          Described.layout("x", ("", 0), ("a b", 0)), fields: 2)),
      refused("no-fields", "A layout without fields.", described([1, 0x78, 0], fields: 0)),
      refused(
        "too-many-fields", "A layout of 257 fields.",
        described(
          Described.layout("x", [("", 0)] + (0..<Limits.fieldsMax).map { ("f\($0)", 0) }),
          fields: Limits.fieldsMax + 1)),
      refused(
        "field-twice", "Two fields of one name.",
        described(
          Described.layout("x", ("", 0), ("a", 0), ("a", 0)), fields: 3)),
      refused(
        "deletion-twice", "Two fields of deletion.",
        described(
          Described.layout("x", ("", 0), ("", 0)), fields: 2)),
      refused(
        "follows-itself", "A field that follows itself.",
        described(
          Described.layout("x", ("", 0), ("a", 2)), fields: 2)),
      refused(
        "follows-a-later-one", "A field that follows a later one.",
        described(
          Described.layout("x", ("", 0), ("a", 3), ("b", 0)), fields: 3)),
      refused(
        "too-many-fields-together", "Five layouts with one field too many between them.",
        described(many(5), count: 5), .pieceTooLarge),
    ]
  }

  static func records() throws -> [Vector] {
    let top = Int64(Limits.sequenceMax)
    func identified(_ name: String, _ about: String, epoch: UInt64 = 0, step: Int64) -> Vector {
      refused(
        name, about,
        piece { stream in
          stream.number("layout", 0)
          stream.number("id epoch", epoch)
          stream.signed("id step", step)
          deletion(&stream)
          stream.bit("isPresent 1", false)
          stream.bit("isPresent 2", false)
          stream.bit("isVectorForetold", true)
        })
    }
    func vector(
      _ name: String, _ about: String, _ count: UInt64, _ dots: [(epoch: UInt64, step: Int64)]
    ) -> Vector {
      refused(
        name, about,
        piece { stream in
          stream.number("layout", 0)
          stream.number("id epoch", 0)
          stream.signed("id step", 0)
          deletion(&stream)
          stream.bit("isPresent 1", false)
          stream.bit("isPresent 2", false)
          stream.bit("isVectorForetold", false)
          stream.number("vectorCount", count)
          for dot in dots {
            stream.number("vector epoch", dot.epoch)
            stream.signed("vector step", dot.step)
          }
        })
    }
    return [
      refused(
        "record-of-no-layout", "A record of a layout beyond the list.",
        piece { deleted(&$0, layout: 1) }),
      identified("id-of-no-epoch", "An id of an epoch beyond the list.", epoch: 1, step: 0),
      identified("id-zero", "An id with the sequence zero.", step: -1),
      identified("id-too-high", "An id one beyond the highest sequence.", step: top),
      refused(
        "record-without-fields", "A record of which no field is present.",
        piece { stream in
          stream.number("layout", 0)
          stream.number("id epoch", 0)
          stream.signed("id step", 0)
          for field in 0..<3 { stream.bit("isPresent \(field)", false) }
          stream.bit("isVectorForetold", true)
        }),
      vector(
        "vector-too-long", "A vector of more entries than there are epochs.", 2, [(0, 0), (0, 0)]),
      vector("vector-of-no-epoch", "A vector of an epoch beyond the list.", 1, [(1, 0)]),
      vector("vector-of-zero", "A vector with the sequence zero.", 1, [(0, -1)]),
      refused(
        "record-text-never-named", "A text that no value names.",
        piece(texts: [[0x61]]) { deleted(&$0) }),
    ] + [vectorOutOfOrder()]
  }

  /// A piece names epochs by their places in the manifest's list: here the list was turned round.
  private static func vectorOutOfOrder() -> Vector {
    let epochs = [0x30, 0x10].map { Epoch(bits: $0) }
    var one = record(0, Dot(epochs[0], 1), [nil, .integer(1)])
    one.vector = VersionVector(epochs.map { VersionVector.Entry($0, 1) })
    let records = RecordPiece(layouts: [layout("x", "a")], records: [one])
    var draft = BundleDraft()
    let births = epochs.map { Birth(epoch: $0, author: author, parents: VersionVector()) }
    draft.add(
      BundleDraft.delta(work, to: one.vector, births: births, [records]), [.records(records)])
    draft.manifest.epochs = EpochTable(epochs.reversed())
    return .invalid(
      "vector-out-of-order", .pieceMalformed, "The epochs of a record's vector descend.",
      draft.telling.bytes)
  }
}
