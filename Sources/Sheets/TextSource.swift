/// The second pass over a file: its text as UTF-8, a buffer at a time, without the byte order mark.
struct TextSource: ~Copyable {
  /// U+FEFF, with which files of Windows programs begin.
  static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

  private var chunks: FileChunks
  private let decoder: GB18030Decoder?
  let encoding: TextEncoding
  /// The text is `buffer[position..<count]`: what the scanner has not had yet.
  private var buffer: [UInt8]
  private var count = 0
  private var position = 0
  private var isAtStart = true

  /// Makes the first pass, which decides the encoding.
  init(path: String, chunkBytes: Int, lineBytesMax: Int) throws(SheetError) {
    var chunks = FileChunks(try SheetFile(path: path), chunkBytes: chunkBytes)
    let encoding = try chunks.decideEncoding(lineBytesMax: lineBytesMax)
    decoder = encoding == .gb18030 ? try GB18030Decoder() : nil
    buffer = [UInt8](repeating: 0, count: encoding == .gb18030 ? 2 * chunkBytes : chunkBytes)
    self.encoding = encoding
    self.chunks = chunks
  }

  var bytesRead: Int { chunks.end }
  var bytesTotal: Int { chunks.file.size }

  /// Gives the scanner text: true if that completed a row, false if the buffer is used up.
  mutating func feed(_ scanner: inout CSVScanner) throws(SheetError) -> Bool {
    var end = position
    let isRow = try scanner.scan(buffer.span.extracting(0..<count), from: &end)
    position = end
    return isRow
  }

  /// Gets the next buffer of text; false at the end. It may be empty.
  ///
  /// Throws `csv_changed` if this is not the file that the first pass saw.
  mutating func refill() throws(SheetError) -> Bool {
    count = 0
    position = 0
    guard try chunks.fill() else {
      if chunks.count > 0 || chunks.file.hasChanged { throw .changed() }
      return false
    }
    try convert()
    if isAtStart { dropMark() }
    isAtStart = false
    return true
  }

  private mutating func convert() throws(SheetError) {
    switch decoder {
    case .none:
      // Nothing to convert: the two buffers change places.
      swap(&buffer, &chunks.buffer)
      count = chunks.count
      chunks.consumed = count
    case .some(let decoder):
      let step = chunks.decode(with: decoder, into: &buffer)
      if step.stop == .fault { throw .changed() }
      count = step.produced
    }
  }

  private mutating func dropMark() {
    if buffer[0..<count].starts(with: Self.mark) { position = Self.mark.count }
  }
}
