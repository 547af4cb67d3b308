// CSV's grammar (RFC 4180, section 2) as a machine that is fed text in pieces of any size and stops
// at the end of each row. It knows nothing of files. Where it is more generous than the RFC: a line
// may end with CR LF, LF or CR. Where it is not: a quotation mark in a field that does not begin
// with one is an error, because what follows could be read in two ways.

/// The bytes that mean something in CSV.
enum CSV {
  static let lineFeed: UInt8 = 0x0A
  static let carriageReturn: UInt8 = 0x0D
  static let quote: UInt8 = 0x22
  static let comma: UInt8 = 0x2C
}

/// Splits text into rows.
struct CSVScanner {
  private enum State {
    case fieldStart
    case plain
    case quoted
    /// Behind a quote in a quoted field: it closes the field, unless another follows.
    case quoteInQuoted
  }

  let limits: SheetLimits
  private var state = State.fieldStart
  private var content: [UInt8] = []
  private var ends: [Int] = []
  /// The fields of the row so far; those beyond `columnsMax` are counted and not kept.
  private(set) var fieldCount = 0
  private var fieldBytes = 0
  private var rowBytes = 0
  private var hasQuote = false
  private var line = 1
  private var rowLine = 1
  private var fieldLine = 1
  /// The last byte was a CR: an LF that follows belongs to it.
  private var isBehindCR = false

  init(limits: SheetLimits) { self.limits = limits }

  // MARK: A whole row

  /// A row with nothing in it but commas and blanks: what Excel leaves of a row that was cleared. A
  /// quoted field, even an empty one, makes it a row.
  var isBlank: Bool {
    !hasQuote && fieldCount <= limits.columnsMax && content.allSatisfy { $0 == 0x20 || $0 == 0x09 }
  }

  /// The row, if `scan` or `finish` just said that there is one. A copy of its own size: a row that
  /// is kept must not hold on to the scanner's buffers, which are as large as the largest row so
  /// far.
  var row: SheetRow {
    // `Array(content)` would share the buffer, `Array(content[...])` as well.
    SheetRow(
      line: rowLine, bytes: content.withUnsafeBufferPointer { Array($0) },
      ends: ends.withUnsafeBufferPointer { Array($0) })
  }

  /// Forgets the row, for the next.
  mutating func startRow() {
    content.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    fieldCount = 0
    rowBytes = 0
    hasQuote = false
    rowLine = line
    fieldLine = line
  }

  // MARK: Text

  /// Reads on from `position` until a row is whole (true) or the text is used up (false).
  ///
  /// Throws `csv_quote`, `csv_row_too_long` or `csv_field_too_long`; the scanner is of no use after
  /// that.
  mutating func scan(
    _ text: Span<UInt8>, from position: inout Int
  ) throws(SheetError) -> Bool {
    while position < text.count {
      switch state {
      case .fieldStart, .plain:
        if try scanPlain(text, &position) { return true }
      case .quoted:
        try scanQuoted(text, &position)
      case .quoteInQuoted:
        position += 1
        if try passBehindQuote(text[position - 1]) { return true }
      }
    }
    return false
  }

  /// The text is at its end: true if it ends with a row that has no line end.
  mutating func finish() throws(SheetError) -> Bool {
    if state == .quoted { throw .quoteUnclosed(line: fieldLine, column: fieldCount + 1) }
    guard rowBytes > 0 else { return false }
    endField()
    return true
  }

  private mutating func scanPlain(
    _ text: Span<UInt8>, _ position: inout Int
  ) throws(SheetError) -> Bool {
    let start = position
    var end = start
    while end < text.count, Self.isPlain(text[end]) { end += 1 }
    if end > start {
      state = .plain
      isBehindCR = false
      try keep(text, start..<end)
    }
    guard end < text.count else {
      position = end
      return false
    }
    position = end + 1
    return try passDelimiter(text[end])
  }

  private mutating func scanQuoted(
    _ text: Span<UInt8>, _ position: inout Int
  ) throws(SheetError) {
    let start = position
    var end = start
    var previous = isBehindCR ? CSV.carriageReturn : 0
    while end < text.count {
      let byte = text[end]
      if byte == CSV.quote { break }
      if byte == CSV.carriageReturn || byte == CSV.lineFeed && previous != CSV.carriageReturn {
        line += 1
      }
      previous = byte
      end += 1
    }
    isBehindCR = previous == CSV.carriageReturn
    try keep(text, start..<end)
    position = end
    guard end < text.count else { return }
    position += 1
    isBehindCR = false
    state = .quoteInQuoted
    try count(rowBytes: 1, fieldBytes: 0)
  }

  @inline(__always)
  private static func isPlain(_ byte: UInt8) -> Bool {
    byte > CSV.comma
      || byte != CSV.comma && byte != CSV.quote && byte != CSV.lineFeed
        && byte != CSV.carriageReturn
  }

  // MARK: Marks

  /// True at the end of a row.
  private mutating func passDelimiter(_ byte: UInt8) throws(SheetError) -> Bool {
    switch byte {
    case CSV.comma:
      try count(rowBytes: 1, fieldBytes: 0)
      isBehindCR = false
      endField()
      return false
    case CSV.quote:
      guard state == .fieldStart else { throw .quoteInside(line: line, column: fieldCount + 1) }
      try count(rowBytes: 1, fieldBytes: 0)
      isBehindCR = false
      hasQuote = true
      state = .quoted
      return false
    default:
      return passLineEnd(byte)
    }
  }

  private mutating func passBehindQuote(_ byte: UInt8) throws(SheetError) -> Bool {
    switch byte {
    case CSV.quote:
      state = .quoted
      try count(rowBytes: 1, fieldBytes: 1)
      if fieldCount < limits.columnsMax { content.append(byte) }
      return false
    case CSV.comma, CSV.lineFeed, CSV.carriageReturn:
      return try passDelimiter(byte)
    default:
      throw .quoteFollowed(openedAt: fieldLine, closedAt: line, column: fieldCount + 1)
    }
  }

  private mutating func passLineEnd(_ byte: UInt8) -> Bool {
    if byte == CSV.lineFeed, isBehindCR {
      isBehindCR = false
      return false
    }
    isBehindCR = byte == CSV.carriageReturn
    line += 1
    endField()
    return true
  }

  private mutating func endField() {
    if fieldCount < limits.columnsMax { ends.append(content.count) }
    fieldCount += 1
    fieldBytes = 0
    fieldLine = line
    state = .fieldStart
  }

  // MARK: Limits

  private mutating func keep(_ text: Span<UInt8>, _ range: Range<Int>) throws(SheetError) {
    try count(rowBytes: range.count, fieldBytes: range.count)
    guard fieldCount < limits.columnsMax else { return }
    text.extracting(range).withUnsafeBufferPointer { content.append(contentsOf: $0) }
  }

  private mutating func count(rowBytes row: Int, fieldBytes field: Int) throws(SheetError) {
    rowBytes += row
    fieldBytes += field
    if fieldBytes > limits.fieldBytesMax {
      throw .fieldTooLong(
        line: fieldLine, column: fieldCount + 1, bytesMax: limits.fieldBytesMax)
    }
    if rowBytes > limits.rowBytesMax {
      throw .rowTooLong(line: rowLine, bytesMax: limits.rowBytesMax)
    }
  }
}
