internal import Records
internal import Wording

/// The texts of a piece, deflated: names of collections and columns, then the piece's own texts.
enum Heap {
  static func write(_ plain: [UInt8], deflater: Deflater, to writer: inout ByteWriter) {
    writer.varint(UInt64(plain.count))
    guard !plain.isEmpty else { return }
    writer.block(deflater.deflate(plain))
  }

  /// Reads the plain bytes. Sizes are checked before anything is inflated.
  static func read(
    _ reader: inout ByteReader, inflater: Inflater
  ) throws(BundleError) -> [UInt8] {
    let length: UInt64
    let deflated: ArraySlice<UInt8>
    do {
      length = try reader.varint()
      if length == 0 { return [] }
      deflated = try reader.block()
    } catch {
      throw BundleError(.pieceMalformed, "the texts of a piece are cut short")
    }
    guard length <= UInt64(Limits.heapBytesMax),
      length <= UInt64((deflated.count + 8) * Limits.heapRatioMax)
    else {
      throw BundleError(.pieceTooLarge, "the texts of a piece claim \(length) bytes")
    }
    let plain = deflated.withUnsafeBufferPointer { inflater.inflate($0, length: Int(length)) }
    guard let plain else {
      throw BundleError(.pieceMalformed, "the texts of a piece do not inflate to what they claim")
    }
    return plain
  }

  /// Reads the rest of a heap as texts.
  static func texts(_ reader: inout ByteReader) throws(ByteReader.Malformed) -> TextTable {
    var texts = TextTable()
    while !reader.isAtEnd { texts.append(try reader.block()) }
    return texts
  }
}
