import Bundles
import Causality
import Records

/// Event pieces whose streams name what is not there.
extension VectorFactory {
  private static func refused(
    _ name: String, _ about: String, rows: UInt64 = 4, _ code: BundleError.Code = .pieceMalformed,
    _ column: [UInt8] = Described.column("a", .integer), texts: [[UInt8]] = [],
    _ stream: (inout StreamScript) -> Void
  ) -> Vector {
    let heap = OpenPiece.heap(1, Described.events("x", column), texts: texts)
    let piece = OpenPiece(kind: 1, rows: rows, heap: heap, stream)
    return .invalid(name, code, about, piece.bundle(.log, to: rows))
  }

  static func runs() throws -> [Vector] {
    let top = Int64(Limits.sequenceMax)
    func run(
      _ name: String, _ about: String, count: UInt64 = 4, collection: UInt64 = 0,
      epoch: UInt64 = 0, step: Int64 = 0
    ) -> Vector {
      refused(name, about) { stream in
        stream.run(count, collection: collection, epoch: epoch, step: step)
        stream.raw(2, 2)
      }
    }
    return [
      run("run-of-no-collection", "A run of a collection beyond the list.", collection: 1),
      run("run-of-no-epoch", "A run of an epoch beyond the list.", epoch: 1),
      run("run-of-a-far-epoch", "A run of the epoch with the index 2^32.", epoch: 1 << 32),
      run("run-from-zero", "A run that begins with the sequence zero.", step: -1),
      run("run-over-the-top", "A run that ends one beyond the highest sequence.", step: top - 3),
      run("run-from-far-beyond", "A run that begins at 2^63 - 1.", step: Int64.max - 1),
      run("run-of-none", "A run of no events.", count: 0),
      run("run-of-more", "A run of more events than the piece has.", count: 5),
      run("run-of-endless", "A run of 2^64 - 1 events.", count: UInt64.max),
    ]
  }

  private static func integer(_ name: String, _ about: String, _ cells: [Int64]) -> Vector {
    let column =
      cells.count > 1
      ? Described.column("a", .integer, Described.after("a")) : Described.column("a", .integer)
    return refused(name, about, rows: UInt64(cells.count), .pieceMalformed, column) { stream in
      stream.run(UInt64(cells.count))
      stream.raw(2, 1)
      for cell in cells { stream.signed("literal", cell) }
    }
  }

  private static func dot(_ name: String, _ about: String, _ epoch: UInt64, _ step: Int64) -> Vector
  {
    refused(name, about, rows: 1, .pieceMalformed, Described.column("a", .dot)) { stream in
      stream.run(1)
      stream.raw(2, 1)
      stream.number("position", epoch)
      stream.signed("literal", step)
    }
  }

  /// Two cells of a column of texts; `second` says how the second is named.
  private static func text(
    _ name: String, _ about: String, texts: [String], _ second: (inout StreamScript) -> Void
  ) -> Vector {
    refused(
      name, about, rows: 2, .pieceMalformed, Described.column("a", .text),
      texts: texts.map { Array($0.utf8) }
    ) { stream in
      stream.run(2)
      stream.raw(2, 1)
      stream.bit("isSeen", false)
      stream.bit("isFresh", true)
      second(&stream)
    }
  }

  private static func fresh(_ stream: inout StreamScript) {
    stream.bit("isSeen", false)
    stream.bit("isFresh", true)
  }

  static func cells() throws -> [Vector] {
    let top = Int64(Limits.sequenceMax)
    return [
      refused("shape-three", "A column of a shape that does not exist.", rows: 1) { stream in
        stream.run(1)
        stream.raw(2, 3)
      },
      integer("least-integer", "The one integer that no cell may have.", [Int64.min]),
      integer("least-integer-by-a-sum", "The same, reached by a step.", [Int64.max, 1]),
      dot("cell-of-no-epoch", "A dot of an epoch beyond the list.", 1, 0),
      dot("cell-of-zero", "A dot with the sequence zero.", 0, -1),
      dot("cell-too-high", "A dot one beyond the highest sequence.", 0, top),
      dot("cell-around-the-end", "A dot that is reached by going round.", 0, Int64.min),
      text("text-not-seen", "A text by its place among none.", texts: ["one"]) { stream in
        stream.bit("isSeen", true)
        stream.number("position", 1)
      },
      text("text-beyond-the-heap", "One fresh text more than there are.", texts: ["one"], fresh),
      text(
        "text-before-its-turn", "A text that nothing has named yet, by its number.",
        texts: ["one", "two"]
      ) { stream in
        stream.bit("isSeen", false)
        stream.bit("isFresh", false)
        stream.number("any", 1)
      },
      text(
        "text-as-new-twice", "A text that the column has seen, by its number.",
        texts: ["one"]
      ) { stream in
        stream.bit("isSeen", false)
        stream.bit("isFresh", false)
        stream.number("any", 0)
      },
      text("text-never-named", "A third text that no cell names.", texts: ["a", "b", "c"], fresh),
    ] + catalogued() + large()
  }

  /// Cells that are coded with a catalogue.
  private static func catalogued() -> [Vector] {
    let heap = OpenPiece.heap(1, Described.events("x", Described.column("a", .text, Described.key)))
    let piece = OpenPiece(kind: 1, rows: 1, heap: heap) { stream in
      stream.run(1)
      stream.raw(2, 1)
      stream.bit("inCatalogue", true)
      stream.number("entry", UInt64(oddCatalogue.entries))
    }
    let empty = OpenPiece(
      kind: 1, rows: 1, heap: OpenPiece.heap(1, Described.events("x", Described.column("a", .text)))
    ) { stream in
      stream.run(1)
      stream.raw(2, 2)
    }
    return [
      .invalid(
        "key-beyond-the-catalogue", .pieceMalformed, "A key beyond the last entry.",
        piece.bundle(.log, to: 1, catalogue: oddCatalogue), catalogue: "odd-attributes"),
      .invalid(
        "catalogue-not-held", .catalogueUnknown, "A catalogue where the reader holds none.",
        empty.bundle(.log, to: 1, catalogue: oddCatalogue)),
      .invalid(
        "another-catalogue", .catalogueUnknown, "Another catalogue than the reader holds.",
        empty.bundle(.log, to: 1, catalogue: oddCatalogue), catalogue: "programmes"),
      .invalid(
        "catalogue-before-damage", .catalogueUnknown,
        "A catalogue that is not held, before a piece that is no piece.",
        OpenPiece.bundle([9, 9], .log, to: 1, catalogue: 5)),
    ]
  }

  /// Cells that cost almost nothing on the wire.
  private static func large() -> [Vector] {
    func naming(_ length: Int, rows: UInt64) -> (inout StreamScript) -> Void {
      { stream in
        stream.run(rows)
        stream.raw(2, 1)
        fresh(&stream)
        for _ in 1..<rows {
          stream.bit("isSeen", true)
          stream.number("position", 0)
        }
      }
    }
    let long = Array(repeating: UInt8(0x61), count: Limits.textBytesMax)
    let rows = UInt64(Limits.namedBytesMax / long.count) + 1
    return [
      refused(
        "text-too-long", "A text of a byte too many.", rows: 1, .pieceTooLarge,
        Described.column("a", .text), texts: [long + [0x61]], naming(long.count, rows: 1)),
      refused(
        "text-named-too-often", "A long text, named once too often for one piece.", rows: rows,
        .pieceTooLarge, Described.column("a", .text), texts: [long],
        naming(long.count, rows: rows)),
    ]
  }
}
