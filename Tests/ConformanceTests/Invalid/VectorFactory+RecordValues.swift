import Bundles
import Causality
import Records

/// Values of records, and siblings, that break one rule each.
extension VectorFactory {
  /// A record of `x` whose only field goes on, behind its presence, as `field` says.
  private static func refused(
    _ name: String, _ about: String, _ code: BundleError.Code = .pieceMalformed,
    texts: [[UInt8]] = [], _ field: (inout StreamScript) -> Void
  ) -> Vector {
    let heap = OpenPiece.heap(1, Described.layout("x", ("a", 0)), texts: texts)
    let piece = OpenPiece(kind: 2, rows: 1, heap: heap) { stream in
      begin(&stream)
      stream.bit("isPresent", true)
      field(&stream)
      stream.bit("isVectorForetold", true)
    }
    return .invalid(name, code, about, piece.bundle(.work, to: 5000))
  }

  private static func begin(_ stream: inout StreamScript) {
    stream.number("layout", 0)
    stream.number("id epoch", 0)
    stream.signed("id step", 0)
  }

  private static func time(_ stream: inout StreamScript) {
    stream.signed("milliseconds", 0)
    stream.signed("timeCount", 0)
  }

  // MARK: Siblings

  static func siblings() throws -> [Vector] {
    let top = Int64(Limits.sequenceMax)
    /// One value at another dot than the id.
    func dot(_ name: String, _ about: String, epoch: UInt64 = 0, step: Int64) -> Vector {
      refused(name, about) { stream in
        stream.number("siblings", 0)
        stream.bit("isIdentity", false)
        stream.number("dot epoch", epoch)
        stream.signed("dot step", step)
        time(&stream)
        stream.number("kind", 0)
      }
    }
    return [
      dot("value-of-no-epoch", "A value of an epoch beyond the list.", epoch: 1, step: 0),
      dot("value-of-zero", "A value of the sequence zero.", step: -1),
      dot("value-too-high", "A value one beyond the highest sequence.", step: top),
      refused("value-twice", "Two values of one dot.") { stream in
        secondOfTwo(&stream)
        stream.bit("isBefore", true)
        stream.bit("isForetold", true)
      },
      refused("values-out-of-order", "The dots of a field's values descend.") { stream in
        secondOfTwo(&stream)
        stream.bit("isBefore", false)
        stream.number("dot epoch", 0)
        stream.signed("dot step", -2)
        time(&stream)
        stream.bit("isForetold", true)
      },
      refused("too-many-siblings", "A field of one value too many.", .pieceTooLarge) {
        $0.number("siblings", UInt64(Limits.siblingsMax))
      },
      refused("endless-siblings", "A field of 2^64 values.", .pieceTooLarge) {
        $0.number("siblings", UInt64.max)
      },
      bombOfSiblings(),
    ]
  }

  /// The first of two values, at the sequence 3, and the second up to where its dot is told.
  private static func secondOfTwo(_ stream: inout StreamScript) {
    stream.number("siblings", 1)
    stream.bit("isIdentity", false)
    stream.number("dot epoch", 0)
    stream.signed("dot step", 2)
    time(&stream)
    stream.number("kind", 0)
    stream.bit("isIdentity", false)
  }

  /// Full fields, each with the same dots, until no value is left for one more.
  private static func bombOfSiblings() -> Vector {
    let full = Limits.pieceValuesMax / Limits.siblingsMax
    let heap = OpenPiece.heap(1, Described.layout("x", (0...full).map { ("f\($0)", 0) }))
    let piece = OpenPiece(kind: 2, rows: 1, heap: heap) { stream in
      begin(&stream)
      for field in 0...full {
        stream.bit("isPresent \(field)", true)
        let count = field < full ? Limits.siblingsMax : 1
        stream.number("siblings \(field)", UInt64(count - 1))
        for position in 0..<count {
          stream.bit("isIdentity \(field)", position == 0)
          if position > 0 {
            if position > 1 { stream.bit("isBefore \(field)", false) }
            stream.number("dot epoch \(field)", 0)
            stream.signed("dot step \(field)", position == 1 ? 1 : 0)
          }
          if field == 0 { time(&stream) }
          if position == 0 {
            stream.number("kind \(field)", 0)
          } else {
            stream.bit("isForetold \(field)", true)
          }
        }
      }
      stream.bit("isVectorForetold", true)
    }
    return .invalid(
      "bomb-of-siblings", .pieceTooLarge,
      "Few bytes that say a quarter of a million values, and one more.",
      piece.bundle(.work, to: 5000))
  }

  // MARK: Values

  /// One value at the record's id, told from its kind on.
  private static func value(
    _ name: String, _ about: String, _ code: BundleError.Code = .pieceMalformed,
    texts: [[UInt8]] = [], kind: UInt64, _ content: (inout StreamScript) -> Void
  ) -> Vector {
    refused(name, about, code, texts: texts) { stream in
      stream.number("siblings", 0)
      stream.bit("isIdentity", true)
      time(&stream)
      stream.number("kind", kind)
      content(&stream)
    }
  }

  static func recordValues() throws -> [Vector] {
    let top = Int64(Limits.sequenceMax)
    func dot(_ name: String, _ about: String, epoch: UInt64 = 0, step: Int64) -> Vector {
      value(name, about, kind: 3) { stream in
        stream.number("dotEpoch", epoch)
        stream.signed("dotStep", step)
      }
    }
    let long = Array(repeating: UInt8(0x61), count: Limits.textBytesMax)
    return [
      value("kind-six", "A value of a kind that does not exist.", kind: 6) { _ in },
      value("integer-not-known", "An integer by its place among none.", kind: 1) { stream in
        stream.bit("isKnown", true)
        stream.number("place", 0)
      },
      dot("dot-of-no-epoch", "A dot of an epoch beyond the list, as a value.", epoch: 1, step: 1),
      dot("dot-zero", "A dot with the sequence zero, as a value.", step: 0),
      dot("dot-too-high", "A dot one beyond the highest sequence, as a value.", step: top + 1),
      value("day-before-the-first", "The day before 0001-01-01.", kind: 4) {
        $0.signed("date", -719_163)
      },
      value("day-after-the-last", "The day after 9999-12-31.", kind: 4) {
        $0.signed("date", 2_932_897)
      },
      value("day-around-the-end", "A day that is reached by going round.", kind: 4) {
        $0.signed("date", Int64.min)
      },
      value("record-text-not-seen", "A text by its place among none.", kind: 2) { stream in
        stream.bit("isSeen", true)
        stream.number("position", 0)
      },
      value("record-text-beyond-the-heap", "A fresh text where there is none.", kind: 2) { stream in
        stream.bit("isSeen", false)
        stream.bit("isFresh", true)
      },
      value(
        "record-text-before-its-turn", "A text that nothing has named yet, by its number.",
        texts: [[0x61]], kind: 2
      ) { stream in
        stream.bit("isSeen", false)
        stream.bit("isFresh", false)
        stream.number("any", 0)
      },
      value(
        "bytes-too-long", "A value of unknown kind of a byte too many.", .pieceTooLarge, kind: 5
      ) { $0.number("length", UInt64(Limits.textBytesMax) + 1) },
      value(
        "record-text-too-long", "A text of a byte too many.", .pieceTooLarge,
        texts: [long + [0x61]], kind: 2
      ) { stream in
        stream.bit("isSeen", false)
        stream.bit("isFresh", true)
      },
      foretoldTooOften(long),
    ]
  }

  /// Siblings of which each has the same long text.
  private static func foretoldTooOften(_ text: [UInt8]) -> Vector {
    let count = Limits.namedBytesMax / text.count + 1
    return refused(
      "text-foretold-too-often", "A long text, foretold once too often for one piece.",
      .pieceTooLarge, texts: [text]
    ) { stream in
      stream.number("siblings", UInt64(count - 1))
      for position in 0..<count {
        stream.bit("isIdentity", position == 0)
        if position > 1 { stream.bit("isBefore", false) }
        if position > 0 {
          stream.number("dot epoch", 0)
          stream.signed("dot step", position == 1 ? 1 : 0)
        }
        time(&stream)
        if position > 0 {
          stream.bit("isForetold", true)
        } else {
          stream.number("kind", 2)
          stream.bit("isSeen", false)
          stream.bit("isFresh", true)
        }
      }
    }
  }
}
