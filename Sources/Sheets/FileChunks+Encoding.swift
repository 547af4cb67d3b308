// The first pass over a file: which encoding is it, and can it be text at all? It also refuses an
// endless line, so that such a file costs one row's worth of reading and not two passes over a
// gigabyte.
//
// UTF-8 that lost a byte is often legal GB18030 (of 3,000 damaged bits of place names, 22 in 100):
// read so, it would become nonsense without a word. Real GB18030 goes wrong as UTF-8 at once: in
// 51,445 pieces of Chinese place names at most 3 of its characters passed. So a file that had
// `charactersThatProve` good characters is damaged UTF-8.

import Glibc

private let charactersThatProve = 8

extension FileChunks {
  /// Decides the encoding and leaves the chunks at the start of the file.
  ///
  /// Throws `csv_workbook`, `csv_encoding`, `csv_nul` or `csv_row_too_long`.
  mutating func decideEncoding(lineBytesMax: Int) throws(SheetError) -> TextEncoding {
    try refuseOtherFormats()
    guard let bad = try firstNotUTF8(lineBytesMax: lineBytesMax) else {
      rewind()
      return .utf8
    }
    if try isProvedUTF8(before: bad) { throw try encodingError(at: bad) }
    if let worse = try firstNotGB18030(lineBytesMax: lineBytesMax) {
      // The encoding that got further is the one that was meant.
      throw try encodingError(at: max(bad, worse))
    }
    rewind()
    return .gb18030
  }

  private mutating func refuseOtherFormats() throws(SheetError) {
    rewind()
    _ = try fill()
    let start = Array(buffer[0..<min(4, count)])
    if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]) { throw .utf16() }
    // A zip archive (.xlsx, .ods) or an OLE document (.xls).
    if start == [0x50, 0x4B, 3, 4] || start == [0xD0, 0xCF, 0x11, 0xE0] { throw .workbook() }
  }

  private mutating func encodingError(at bad: Int) throws(SheetError) -> SheetError {
    var byte = [UInt8](repeating: 0, count: 1)
    _ = try file.read(into: &byte, from: 0, at: bad)
    return .encoding(byte[0], at: try position(of: bad))
  }

  // MARK: UTF-8

  private mutating func firstNotUTF8(lineBytesMax: Int) throws(SheetError) -> Int? {
    var lineBytes = 0
    rewind()
    while case let kept = count - consumed, try fill() {
      try refuseNoText(from: kept, lineBytes: &lineBytes, lineBytesMax: lineBytesMax)
      let (valid, isCutOff) = validStart()
      consumed = valid
      if valid < count, !isCutOff { return offset + valid }
    }
    return count > consumed ? offset + consumed : nil
  }

  private mutating func isProvedUTF8(before bad: Int) throws(SheetError) -> Bool {
    var characters = 0
    rewind()
    while try fill(), offset < bad {
      if offset == 0, buffer[0..<count].starts(with: TextSource.mark) { return true }
      for byte in buffer[0..<min(count, bad - offset)] where byte >= 0xC0 {
        characters += 1
        if characters == charactersThatProve { return true }
      }
      consumed = count
    }
    return false
  }

  /// How many bytes of the chunk are UTF-8, and whether the rest may be the start of a character.
  private func validStart() -> (bytes: Int, isCutOff: Bool) {
    do {
      _ = try UTF8Span(validating: buffer.span.extracting(0..<count))
      return (count, false)
    } catch {
      let bad = error.byteOffsets
      return (bad.lowerBound, error.kind == .truncatedScalar && bad.upperBound == count)
    }
  }

  // MARK: GB18030

  private mutating func firstNotGB18030(lineBytesMax: Int) throws(SheetError) -> Int? {
    let decoder = try GB18030Decoder()
    var text = [UInt8](repeating: 0, count: 2 * buffer.count)
    var lineBytes = 0
    rewind()
    while case let kept = count - consumed, try fill() {
      try refuseNoText(from: kept, lineBytes: &lineBytes, lineBytesMax: lineBytesMax)
      if decode(with: decoder, into: &text).stop == .fault { return offset + consumed }
    }
    return count > consumed ? offset + consumed : nil
  }

  // MARK: No text at all

  /// Looks at the bytes from `start` on, which are new, for a zero and for a line without end.
  private mutating func refuseNoText(
    from start: Int, lineBytes: inout Int, lineBytesMax: Int
  ) throws(SheetError) {
    let fresh = buffer[start..<count]
    if let nul = firstNUL(from: start) { throw .nul(at: try position(of: offset + nul)) }
    let isLineEnd = { (byte: UInt8) in byte == CSV.lineFeed || byte == CSV.carriageReturn }
    let first = fresh.firstIndex(where: isLineEnd)
    let last = fresh.lastIndex(where: isLineEnd)
    if lineBytes + (first ?? count) - start > lineBytesMax {
      let line = try position(of: offset + start).line
      throw .rowTooLong(line: line, bytesMax: lineBytesMax)
    }
    lineBytes = last.map { count - $0 - 1 } ?? lineBytes + count - start
  }

  /// By the C library, which looks at many bytes at a time.
  private func firstNUL(from start: Int) -> Int? {
    buffer.withUnsafeBytes { bytes in
      bytes.baseAddress.flatMap { base in
        memchr(base + start, 0, count - start).map { UnsafeRawPointer($0) - base }
      }
    }
  }
}
