import Glibc

/// How the bytes of a sheet are to be read as text.
package enum TextEncoding: String, Sendable {
  case utf8 = "UTF-8"
  case gb18030 = "GB18030"
}

/// GB18030 to UTF-8 through the C library's iconv, which keeps the standard's tables.
struct GB18030Decoder: ~Copyable {
  enum Stop: Equatable {
    /// Everything was converted, or all but half a character at the end, or what the output had no
    /// room for.
    case pause
    /// The first byte that was not consumed begins no character.
    case fault
  }

  private let handle: iconv_t

  /// Throws `csv_encoding` where the C library came without its converters.
  init() throws(SheetError) {
    guard let handle = iconv_open("UTF-8", "GB18030"), Int(bitPattern: handle) != -1 else {
      throw .noConverter()
    }
    self.handle = handle
  }

  deinit { iconv_close(handle) }

  /// Converts as much of `bytes` as it can. Twice the size of `bytes` is always room enough in
  /// `text`: one byte becomes one, two become at most three, four at most four.
  func decode(
    _ bytes: Span<UInt8>, into text: inout [UInt8]
  ) -> (consumed: Int, produced: Int, stop: Stop) {
    bytes.withUnsafeBytes { source in
      text.withUnsafeMutableBytes { target in
        // iconv moves the pointer over the input and, whatever its signature says, does not write
        // there.
        var input = UnsafeMutablePointer(
          mutating: source.bindMemory(to: CChar.self).baseAddress)
        var output = target.bindMemory(to: CChar.self).baseAddress
        var inputLeft = source.count
        var outputLeft = target.count
        let result = iconv(handle, &input, &inputLeft, &output, &outputLeft)
        let isFault = result == -1 && errno == EILSEQ
        return (source.count - inputLeft, target.count - outputLeft, isFault ? .fault : .pause)
      }
    }
  }
}

extension FileChunks {
  /// Converts the chunk; half a character at its end waits for the next.
  mutating func decode(
    with decoder: borrowing GB18030Decoder, into text: inout [UInt8]
  ) -> (produced: Int, stop: GB18030Decoder.Stop) {
    let step = decoder.decode(buffer.span.extracting(0..<count), into: &text)
    consumed = step.consumed
    return (step.produced, step.stop)
  }
}
