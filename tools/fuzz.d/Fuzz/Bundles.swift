import Bundles
import Causality
import Foundation
import Records
import SwiftProtobuf

/// A whole bundle: head, manifest, pieces. What only finds damage (the check, the hashes of pieces)
/// is mended first, since no fuzzer would get past it otherwise.
func fuzzBundle(_ bytes: [UInt8]) throws {
  _ = try? BundleHead(parsing: bytes)
  let (head, bytes) = try mended(bytes)
  holdSame(head.manifest)
  let catalogue = catalogues.first { $0.identity == head.manifest.catalogue }
  let codec = BundleCodec()
  var offset = head.length
  for delta in head.manifest.deltas {
    for piece in delta.pieces {
      let end = min(bytes.count, offset + piece.following)
      let following = Array(bytes[offset..<end])
      offset = end
      try? BundleCodec.verify(following, as: piece)
      let content = if case .inline(let inline) = piece.body { inline } else { following }
      // Whatever the section: each kind of piece must be refused by the reader of the other.
      try? fuzzEvents(content, head.manifest, catalogue, codec)
      try? fuzzRecords(content, head.manifest, codec)
    }
  }
}

/// The head, and the bytes with a check that is right.
private func mended(_ bytes: [UInt8]) throws -> (BundleHead, [UInt8]) {
  let end = try BundleHead.manifestEnd(prefix: Array(bytes.prefix(BundleHead.prefixBytes)))
  guard bytes.count > end else { throw ByteReader.Malformed() }
  var writer = ByteWriter()
  writer.bytes = Array(bytes[..<(end - 8)])
  writer.fixed(ChainValue(hashing: writer.bytes).low)
  let mended = writer.bytes + bytes[end...]
  return (try BundleHead(parsing: mended), mended)
}

/// What was read and is written is read as the same, and is not longer than a head may be.
private func holdSame(_ manifest: Manifest) {
  let written = BundleHead.serialized(manifest)
  guard let again = try? BundleHead(parsing: written) else {
    fatalError("it wrote what it refuses")
  }
  hold(again.manifest == manifest, "another manifest: \(manifest), \(again.manifest)")
  hold(again.length == written.count, "a head of another length")
  hold(BundleHead.serialized(again.manifest) == written, "the same manifest as other bytes")
}

private func fuzzEvents(
  _ bytes: [UInt8], _ manifest: Manifest, _ catalogue: Catalogue?, _ codec: BundleCodec
) throws {
  let piece = try codec.events(bytes, of: manifest, catalogue: catalogue)
  var manifest = manifest
  let written = codec.encode(piece, catalogue: catalogue, into: &manifest)
  guard let again = try? codec.events(written, of: manifest, catalogue: catalogue) else {
    fatalError("it wrote events that it refuses")
  }
  hold(again.segments == piece.segments, "other runs of events")
  hold(contents(again) == contents(piece), "other events")
  hold(codec.encode(again, catalogue: catalogue, into: &manifest) == written, "other bytes")
}

/// Each batch's collection and its cells as values, since texts may have other numbers.
private func contents(_ piece: EventPiece) -> [[AnyHashable]] {
  piece.batches.map { batch in
    zip(batch.collection.columns, batch.columns).reduce(into: [batch.collection]) { all, column in
      let (description, cells) = column
      all += cells.map { cell in
        description.kind == .text && cell != Cell.null
          ? AnyHashable(Array(piece.texts[Int(cell)])) : AnyHashable(cell)
      }
    }
  }
}

private func fuzzRecords(_ bytes: [UInt8], _ manifest: Manifest, _ codec: BundleCodec) throws {
  let piece = try codec.records(bytes, of: manifest)
  var manifest = manifest
  let written = codec.encode(piece, into: &manifest)
  guard let again = try? codec.records(written, of: manifest) else {
    fatalError("it wrote records that it refuses")
  }
  hold(again == piece, "other records: \(piece), \(again)")
}

/// The catalogues of the vectors, which their bundles name.
private let catalogues: [Catalogue] = {
  let folder = ProcessInfo.processInfo.environment["YIZHAN_CATALOGUES"] ?? ""
  let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  return names.filter { $0.hasSuffix(".bin") }.sorted().compactMap { name in
    guard let bytes = FileManager.default.contents(atPath: folder + "/" + name) else { return nil }
    return try? Catalogue(bytes: Array(bytes))
  }
}()

/// A manifest alone, in a head that is right.
func fuzzManifest(_ bytes: [UInt8]) throws {
  var writer = ByteWriter()
  writer.bytes = [0x59, 0x5A, BundleHead.formatVersion]
  writer.block(bytes)
  writer.fixed(ChainValue(hashing: writer.bytes).low)
  writer.varint(0)
  holdSame(try BundleHead(parsing: writer.bytes).manifest)
}

/// The generated message: what it reads and writes it reads as the same, unknown fields too.
func fuzzProto(_ bytes: [UInt8]) throws {
  let message = try Yizhan_Manifest(serializedBytes: bytes)
  let written: [UInt8] = try message.serializedBytes()
  guard let again = try? Yizhan_Manifest(serializedBytes: written) else {
    fatalError("it wrote a message that it refuses")
  }
  hold(again == message, "another message: \(message), \(again)")
}

/// A version vector as bytes and as text: each has one form, so what is read is written the same.
func fuzzVectors(_ bytes: [UInt8]) throws {
  if let text = String(validating: bytes, as: UTF8.self), let vector = VersionVector(text) {
    hold(vector.description == text, "another text: \(vector)")
    holdOrder(vector)
  }
  var reader = ByteReader(bytes)
  let vector = try reader.vector()
  var writer = ByteWriter()
  writer.vector(vector)
  hold(writer.bytes.elementsEqual(bytes.dropLast(reader.remaining)), "other bytes: \(vector)")
  holdOrder(vector)
  hold(VersionVector(vector.entries.reversed()) == vector, "another order, another vector")
  if vector.entries.allSatisfy({ $0.sequence <= Dot.sequenceMax }) {
    hold(VersionVector(vector.description) == vector, "no text of \(vector)")
  }
}

private func holdOrder(_ vector: VersionVector) {
  let entries = vector.entries
  hold(
    zip(entries, entries.dropFirst()).allSatisfy { $0.epoch < $1.epoch }
      && entries.allSatisfy { $0.sequence > 0 && vector[$0.epoch] == $0.sequence },
    "out of order: \(vector)")
}
