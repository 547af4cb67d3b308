import Testing

@testable import Sheets

/// Rows of text that is hard on CSV: its own marks, blanks, Chinese, and the mark of a file's
/// start.
private func randomRows(_ random: inout Seeded) -> [[String]] {
  let parts = [
    "a", "7", " ", "\t", ",", "\"", "\n", "\r", "\r\n", "驿", "站", "é", "𠀀", "\u{FEFF}", "long text",
  ]
  let columns = Int.random(in: 1...6, using: &random)
  return (0...Int.random(in: 0...8, using: &random)).map { _ in
    (0..<columns).map { _ in
      (0..<Int.random(in: 0...6, using: &random)).map { _ in
        parts.randomElement(using: &random) ?? ""
      }.joined()
    }
  }
}

private func written(
  _ rows: [[String]], lineEnd: CSVWriter.LineEnd, opening: CSVWriter.Opening
) -> [UInt8] {
  var writer = CSVWriter(lineEnd: lineEnd, opening: opening)
  for row in rows { writer.write(row) }
  return writer.bytes
}

@Test(arguments: 1...300)
func `what the writer writes the reader reads`(seed: Int) throws {
  var random = Seeded(seed: UInt64(seed))
  let rows = randomRows(&random)
  let end: CSVWriter.LineEnd = Bool.random(using: &random) ? .lf : .crlf
  let opening: CSVWriter.Opening = Bool.random(using: &random) ? .plain : .byteOrderMark
  let bytes = written(rows, lineEnd: end, opening: opening)
  let chunkBytes = Int.random(in: 4...40, using: &random)
  let sheet = try reading(bytes, chunkBytes: chunkBytes)
  #expect(sheet.failure == nil, "seed \(seed)")
  #expect(sheet.fields == rows, "seed \(seed)")
  // GB18030 that happens to be UTF-8 as well is read as UTF-8: only texts with enough Chinese are
  // compared.
  let text = rows.map { $0 + ["农村党员干部"] }
  let chinese = written(text, lineEnd: end, opening: .plain)
  let other = try reading(
    gb18030(String(decoding: chinese, as: UTF8.self)), chunkBytes: chunkBytes)
  #expect(other.fields == text, "seed \(seed)")
}

@Test(arguments: [4, 64 << 10])
func `a file that is cut anywhere gives the first rows of the whole file or an error`(
  chunkBytes: Int
) throws {
  let text = "编号,台站名称,节目\r\n1,\"驿,站\",\"春\"\"耕\"\r\n\r\n2,\"a\nb\",\r3,c,d\n4,𠀀,é"
  for bytes in [Array(text.utf8), gb18030(text)] {
    let whole = try reading(bytes, chunkBytes: chunkBytes)
    #expect(whole.rows.count == 5 && whole.failure == nil)
    for count in 0..<bytes.count {
      let part = try reading(Array(bytes[0..<count]), chunkBytes: chunkBytes)
      guard part.encoding == whole.encoding else { continue }
      #expect(part.rows.count + part.refused.count <= whole.rows.count, "cut at \(count)")
      // The last row may be cut as well; what comes before is as it was.
      let sure = part.refused.isEmpty ? part.rows.dropLast() : part.rows[...]
      #expect(whole.rows.starts(with: sure), "cut at \(count)")
    }
  }
}

@Test(arguments: 1...400)
func `no bytes trap, and the size of the chunks changes nothing`(seed: Int) throws {
  var random = Seeded(seed: UInt64(seed))
  let alphabets: [[UInt8]] = [
    Array(0...255), Array("a,,\"\"\n\r".utf8),
    Array("a,\"\n".utf8) + [0x81, 0x30, 0xE9, 0xA9, 0xBF],
  ]
  let alphabet = alphabets[seed % alphabets.count]
  let bytes = (0..<Int.random(in: 0...80, using: &random)).map { _ in
    alphabet.randomElement(using: &random) ?? 0
  }
  let limits = SheetLimits(fieldBytesMax: 30, columnsMax: 12)
  let whole = try reading(bytes, limits: limits)
  for chunkBytes in [4, 5, 7, 16] {
    var part = try reading(bytes, limits: limits, chunkBytes: chunkBytes)
    // Of a zero and a bad character the first pass reports the one that it meets first.
    if part.failure?.code == .encoding, whole.failure?.code == .nul { part.failure = whole.failure }
    #expect(part == whole, "seed \(seed), chunks of \(chunkBytes)")
  }
}
