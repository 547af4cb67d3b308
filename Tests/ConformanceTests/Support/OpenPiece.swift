import Causality
import Records

@testable import Bundles

/// A range-coded stream written symbol by symbol, as the tables of Protocol/03 tell streams. Each
/// name is a model of its own, fresh when it is first used.
struct StreamScript {
  private var coder = RangeEncoder()
  private let arena = ModelArena()
  private var numbers: [String: NumberModel] = [:]
  private var bits: [String: UnsafeMutablePointer<BitModel>] = [:]

  mutating func number(_ model: String, _ value: UInt64) {
    let number = numbers[model] ?? NumberModel(arena)
    numbers[model] = number
    _ = number.number(&coder, value)
  }

  mutating func signed(_ model: String, _ value: Int64) {
    let number = numbers[model] ?? NumberModel(arena)
    numbers[model] = number
    _ = number.signed(&coder, value)
  }

  mutating func bit(_ model: String, _ value: Bool) {
    let bit = bits[model] ?? arena.models(1)
    bits[model] = bit
    _ = coder.bit(bit, value)
  }

  mutating func raw(_ count: Int, _ value: UInt64) { _ = coder.raw(count, value) }

  /// A run of events.
  mutating func run(
    _ count: UInt64, collection: UInt64 = 0, epoch: UInt64 = 0, step: Int64 = 0
  ) {
    number("collection", collection)
    number("epoch", epoch)
    signed("first", step)
    number("count", count)
  }

  mutating func finish() -> [UInt8] { coder.finish() }
}

/// A piece as its parts, each of which can be changed: the frame is valid again whatever they say.
struct OpenPiece {
  var kind: UInt8
  var rows: UInt64
  /// The heap before it is deflated.
  var heap: [UInt8]
  var stream: [UInt8]
  /// What the heap says of its length, if not the truth.
  var heapClaim: UInt64?
  /// What stands for the deflated heap, if not the truth.
  var deflated: [UInt8]?

  init(kind: UInt8, rows: UInt64, heap: [UInt8], _ stream: (inout StreamScript) -> Void) {
    self.kind = kind
    self.rows = rows
    self.heap = heap
    var script = StreamScript()
    stream(&script)
    self.stream = script.finish()
  }

  var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.bytes.append(kind)
    writer.varint(rows)
    writer.varint(heapClaim ?? UInt64(heap.count))
    writer.block(deflated ?? Self.deflate(heap))
    return writer.bytes + stream
  }

  static func deflate(_ bytes: [UInt8]) -> [UInt8] { Deflater().deflate(bytes) }

  /// A heap of so many descriptions, then texts.
  static func heap(
    _ count: UInt64, _ descriptions: [UInt8], texts: [[UInt8]] = []
  ) -> [UInt8] {
    var writer = ByteWriter()
    writer.varint(count)
    writer.bytes += descriptions
    for text in texts { writer.block(text) }
    return writer.bytes
  }

  // MARK: In a bundle

  /// In a bundle from the station to the hub, as the one piece of a delta of this section. It
  /// lists the epoch 0xE0E0, of which the delta brings the writes up to `last`.
  func bundle(_ section: Section, to last: UInt64, catalogue: Catalogue? = nil) -> [UInt8] {
    Self.bundle(bytes, section, to: last, catalogue: catalogue?.identity)
  }

  static func bundle(
    _ piece: [UInt8], _ section: Section, to last: UInt64, catalogue: UInt64? = nil
  ) -> [UInt8] {
    let epoch = Epoch(bits: 0xE0E0)
    var manifest = Manifest(
      sender: VectorWorld.village, reader: VectorWorld.town, number: 1,
      made: UInt64(VectorWorld.morning / 1000))
    manifest.catalogue = catalogue
    let listed = BundleCodec.piece(piece)
    manifest.deltas = [
      Delta(
        partition: PartitionID(VectorWorld.village, section), base: VersionVector(),
        target: VersionVector(Dot(epoch, last)),
        targetChains: [ChainValue(low: 0x0706_0504_0302_0100, high: 0x0F0E_0D0C_0B0A_0908)],
        births: [
          Birth(
            epoch: epoch, author: Author(place: VectorWorld.village, role: .station),
            parents: VersionVector())
        ], pieces: [listed])
    ]
    return BundleHead.serialized(manifest) + (listed.following > 0 ? piece : [])
  }
}

/// Descriptions of collections by hand.
enum Described {
  /// A collection of events: its name, its columns.
  static func events(_ name: String, _ columns: [UInt8]...) -> [UInt8] {
    var writer = ByteWriter()
    writer.block(name.utf8)
    writer.varint(UInt64(columns.count))
    return writer.bytes + columns.flatMap { $0 }
  }

  enum Kind: UInt8 {
    case integer = 1
    case text = 2
    case dot = 3
  }

  static func column(
    _ name: String, _ kind: Kind, _ prediction: [UInt8] = [0], given: String = ""
  ) -> [UInt8] {
    var writer = ByteWriter()
    writer.block(name.utf8)
    writer.bytes.append(kind.rawValue)
    writer.bytes += prediction
    writer.block(given.utf8)
    return writer.bytes
  }

  static let previous: [UInt8] = [1]
  static let key: [UInt8] = [2]

  static func after(_ names: String...) -> [UInt8] {
    var writer = ByteWriter()
    writer.varint(3)
    writer.varint(UInt64(names.count))
    for name in names { writer.block(name.utf8) }
    return writer.bytes
  }

  static func attribute(_ number: UInt64, of name: String) -> [UInt8] {
    var writer = ByteWriter()
    writer.varint(4)
    writer.varint(number)
    writer.block(name.utf8)
    return writer.bytes
  }

  /// A layout: the collection's name; the names of the fields, each with what it follows.
  static func layout(_ name: String, _ fields: (String, UInt64)...) -> [UInt8] {
    layout(name, fields)
  }

  static func layout(_ name: String, _ fields: [(String, UInt64)]) -> [UInt8] {
    var writer = ByteWriter()
    writer.block(name.utf8)
    writer.varint(UInt64(fields.count))
    for (field, follows) in fields {
      writer.block(field.utf8)
      writer.varint(follows)
    }
    return writer.bytes
  }
}
