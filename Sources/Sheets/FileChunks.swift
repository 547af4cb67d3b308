/// A file, one buffer at a time. Bytes that were not consumed (half a character) come again in
/// front of the next.
struct FileChunks: ~Copyable {
  let file: SheetFile
  /// The chunk is `buffer[0..<count]`. Whoever consumes all of it may swap the buffer for one of
  /// equal size.
  var buffer: [UInt8]
  private(set) var count = 0
  /// How much of the chunk has been dealt with.
  var consumed = 0
  /// Where in the file the chunk begins.
  private(set) var offset = 0

  /// A chunk has at least four bytes, so that every character fits.
  init(_ file: consuming SheetFile, chunkBytes: Int) {
    precondition(chunkBytes >= 4, "a character may have four bytes")
    self.file = file
    buffer = [UInt8](repeating: 0, count: chunkBytes)
  }

  /// Where in the file the next fill begins.
  var end: Int { offset + count }

  /// Gets more bytes behind those that were not consumed; false at the end of the file.
  mutating func fill() throws(SheetError) -> Bool {
    let kept = count - consumed
    for index in 0..<kept { buffer[index] = buffer[consumed + index] }
    let fresh = try file.read(into: &buffer, from: kept, at: end)
    offset += consumed
    count = kept + fresh
    consumed = 0
    return fresh > 0
  }

  mutating func rewind() {
    offset = 0
    count = 0
    consumed = 0
  }
}
