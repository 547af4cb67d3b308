/// A place in a text file as people name it; all from 1.
struct TextPosition: Equatable {
  var line = 1
  /// The field, going by the quotation marks so far.
  var column = 1
  /// The byte in its line.
  var byte = 1
}

extension FileChunks {
  /// The place of the byte at `target`: counted only when there is an error to report.
  mutating func position(of target: Int) throws(SheetError) -> TextPosition {
    var place = TextPosition()
    var isQuoted = false
    var previous: UInt8 = 0
    rewind()
    while try fill() {
      for index in 0..<count {
        if offset + index == target { return place }
        let byte = buffer[index]
        place.pass(byte, after: previous, isQuoted: &isQuoted)
        previous = byte
      }
      consumed = count
    }
    return place
  }
}

extension TextPosition {
  /// No byte of a longer character in UTF-8 or GB18030 equals a comma, a quote or a line end.
  fileprivate mutating func pass(_ byte: UInt8, after previous: UInt8, isQuoted: inout Bool) {
    self.byte += 1
    switch byte {
    case CSV.lineFeed where previous == CSV.carriageReturn:
      self.byte = 1
    case CSV.lineFeed, CSV.carriageReturn:
      line += 1
      self.byte = 1
      if !isQuoted { column = 1 }
    case CSV.quote: isQuoted.toggle()
    case CSV.comma where !isQuoted: column += 1
    default: break
    }
  }
}
