import Bundles
import Causality
import Records

/// Event pieces whose frame, heap or descriptions lie.
extension VectorFactory {
  /// One event of one collection, of which every cell is empty.
  private static func nothing(_ descriptions: [UInt8], columns: Int = 1) -> OpenPiece {
    OpenPiece(kind: 1, rows: 1, heap: OpenPiece.heap(1, descriptions)) { stream in
      stream.run(1)
      for _ in 0..<columns { stream.raw(2, 2) }
    }
  }

  private static let plain = Described.events("x", Described.column("a", .integer))

  private static func refused(
    _ name: String, _ about: String, _ piece: OpenPiece,
    _ code: BundleError.Code = .pieceMalformed
  ) -> Vector {
    .invalid(name, code, about, piece.bundle(.log, to: max(1, min(piece.rows, 1 << 20))))
  }

  /// Like `refused`, for a change of a piece that is good without it.
  private static func changed(
    _ name: String, _ about: String, _ code: BundleError.Code = .pieceMalformed,
    _ change: (inout OpenPiece) -> Void
  ) -> Vector {
    var piece = nothing(plain)
    change(&piece)
    return refused(name, about, piece, code)
  }

  static func heaps() throws -> [Vector] {
    let deflated = nothing(plain).bytes
    let bomb = OpenPiece.deflate(Array(repeating: 0, count: 2 * Limits.heapBytesMax))
    return [
      changed("piece-of-unknown-kind", "A piece of the kind 3.") { $0.kind = 3 },
      .invalid(
        "records-in-a-log", .pieceMalformed, "A log with a piece of records.",
        OpenPiece.bundle(goodRecord.bytes, .log, to: 1)),
      .invalid(
        "events-in-work", .pieceMalformed, "A delta of records with a piece of events.",
        nothing(plain).bundle(.work, to: 1)),
      .invalid(
        "piece-of-one-byte", .pieceMalformed, "A piece that ends behind its kind.",
        OpenPiece.bundle([1], .log, to: 1)),
      .invalid(
        "number-of-events-in-a-longer-form", .pieceMalformed, "A count of a byte too many.",
        OpenPiece.bundle([1, 0x81, 0] + deflated.dropFirst(2), .log, to: 1)),
      changed("no-events", "A piece of no events.") { $0.rows = 0 },
      changed("too-many-events", "A piece of one event too many.", .pieceTooLarge) {
        $0.rows = UInt64(Limits.pieceRowsMax) + 1
      },
      .invalid(
        "heap-over-the-end", .pieceMalformed, "The heap is longer than the piece.",
        OpenPiece.bundle(Array(deflated.prefix(8)), .log, to: 1)),
      changed("heap-empty", "A heap of no bytes, so without a collection.") { piece in
        piece.heap = []
        piece.deflated = []
      },
      changed("heap-claims-more", "The heap inflates to a byte less than it claims.") {
        $0.heapClaim = UInt64($0.heap.count + 1)
      },
      changed("heap-claims-less", "The heap inflates to a byte more than it claims.") {
        $0.heapClaim = UInt64($0.heap.count - 1)
      },
      changed("heap-not-deflated", "The heap is no deflate stream.") {
        $0.deflated = [7] + OpenPiece.deflate($0.heap)
      },
      changed("heap-with-a-tail", "A byte behind the end of the deflate stream.") {
        $0.deflated = OpenPiece.deflate($0.heap) + [0]
      },
      changed("heap-cut", "The deflate stream has no end.") {
        $0.deflated = Array(OpenPiece.deflate($0.heap).dropLast())
      },
      changed("heap-over-the-limit", "The heap claims a byte too many.", .pieceTooLarge) {
        $0.heapClaim = UInt64(Limits.heapBytesMax) + 1
        $0.deflated = bomb
      },
      changed("heap-beyond-all-compression", "More than deflate can do.", .pieceTooLarge) {
        $0.heapClaim = 20_000
        $0.deflated = [1, 2]
      },
      changed("bomb", "A heap that inflates to twice what it claims.") {
        $0.heapClaim = UInt64(Limits.heapBytesMax)
        $0.deflated = bomb
      },
    ]
  }

  static func descriptors() throws -> [Vector] {
    let column = Described.column
    let others = { (names: [String]) in
      names.flatMap { Described.events($0, column("a", .integer, [0], "")) }
    }
    let columns = { (count: Int) in
      (0..<count).flatMap { column("c\($0)", .integer, [0], "") }
    }
    let wide = [1, 0x78, 32] + columns(32)
    let two = OpenPiece(kind: 1, rows: 2, heap: OpenPiece.heap(2, others(["x", "x"]))) { stream in
      stream.run(1)
      stream.run(1, collection: 1)
      stream.raw(4, 0b1010)
    }
    let idle = OpenPiece(kind: 1, rows: 2, heap: OpenPiece.heap(2, others(["x", "y"]))) { stream in
      stream.run(2)
      stream.raw(4, 0b1010)
    }
    return [
      changed("no-collections", "A heap that describes nothing.") { $0.heap = [0] },
      changed("more-collections-than-events", "Two collections for one event.") {
        $0.heap = OpenPiece.heap(2, others(["x", "y"]))
      },
      changed("descriptions-cut", "The second of two descriptions is missing.") { piece in
        piece.rows = 2
        piece.heap[0] = 2
      },
      refused("collection-twice", "Two collections of one name.", two),
      refused("collection-without-events", "A collection of which there is no event.", idle),
      refused("no-columns", "A collection without columns.", nothing([1, 0x78, 0], columns: 0)),
      refused("too-many-columns", "A collection of 32 columns.", nothing(wide, columns: 32)),
      refused(
        "column-twice", "Two columns of one name.",
        nothing(
          Described.events("x", column("a", .integer, [0], ""), column("a", .text, [0], "")),
          columns: 2)),
      refused(
        "column-without-name", "A column with an empty name.",
        nothing(
          Described.events("x", column("", .integer, [0], "")))),
      refused(
        "name-not-utf8", "A name that is not UTF-8.", nothing([1, 0x78, 1, 1, 0xFF, 1, 0, 0])),
      refused(
        "name-with-a-capital", "A name with a capital letter.",
        nothing(
          Described.events("x", column("A", .integer, [0], "")))),
      refused(
        "name-too-long", "A name of 64 letters.",
        nothing(
          Described.events("x", column(String(repeating: "a", count: 64), .integer, [0], "")))),
      refused("kind-zero", "A column of the kind 0.", nothing([1, 0x78, 1, 1, 0x61, 0, 0, 0])),
      refused("kind-four", "A column of the kind 4.", nothing([1, 0x78, 1, 1, 0x61, 4, 0, 0])),
    ]
  }

  static func predictions() throws -> [Vector] {
    func columns(_ columns: [UInt8]...) -> OpenPiece {
      nothing(
        [1, 0x78, UInt8(columns.count)] + columns.flatMap { $0 }, columns: columns.count)
    }
    let column = { (name: String, kind: Described.Kind, prediction: [UInt8]) in
      Described.column(name, kind, prediction)
    }
    let integer = Described.column("b", .integer)
    let many = [3, 32] + Array(repeating: [UInt8]([1, 0x61]), count: 32).joined()
    return [
      refused(
        "prediction-five", "A prediction that does not exist.",
        columns(
          column("a", .integer, [5]))),
      refused(
        "key-of-integers", "Integers foretold by a key.",
        columns(
          column("a", .integer, Described.key))),
      refused(
        "after-on-a-text", "A text foretold by a sum.",
        columns(
          column("a", .text, Described.after("b")), integer)),
      refused(
        "after-a-text", "A sum of a text.",
        columns(
          column("a", .integer, Described.after("b")), column("b", .text, [0]))),
      refused(
        "after-nobody", "A sum of a column that does not exist.",
        columns(
          column("a", .integer, Described.after("c")), integer)),
      refused("after-too-many", "A sum of 32 columns.", columns(column("a", .integer, many))),
      refused(
        "attribute-sixteen", "An attribute with the number 16.",
        columns(
          column("a", .integer, Described.attribute(16, of: "b")), column("b", .text, [0]))),
      refused(
        "attribute-of-itself", "An attribute of the column itself.",
        columns(
          column("a", .text, Described.attribute(0, of: "a")))),
      refused(
        "attribute-of-an-integer", "An attribute of an integer.",
        columns(
          column("a", .integer, Described.attribute(0, of: "b")), integer)),
      refused(
        "attribute-of-nobody", "An attribute of a column that does not exist.",
        columns(
          column("a", .integer, Described.attribute(0, of: "c")), integer)),
      refused(
        "given-itself", "A column that is given itself.",
        columns(
          Described.column("a", .integer, given: "a"))),
      refused(
        "given-nobody", "A column that is given one that does not exist.",
        columns(
          Described.column("a", .integer, given: "c"))),
      refused(
        "circle-of-sums", "Two columns that are the sums of each other.",
        columns(
          column("a", .integer, Described.after("b")), column("b", .integer, Described.after("a")))),
      refused(
        "circle-of-several", "Three columns that need each other in three ways.",
        columns(
          Described.column("a", .integer, given: "b"),
          column("b", .integer, Described.attribute(0, of: "c")),
          Described.column("c", .text, given: "a"))),
    ]
  }
}
