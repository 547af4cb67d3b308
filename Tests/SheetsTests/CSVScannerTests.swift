import Testing

@testable import Sheets

/// Scans text in pieces of a size.
private func scan(
  _ text: [UInt8], piece: Int
) -> (rows: [ReferenceParser.Row], failure: SheetError?) {
  var scanner = CSVScanner(limits: SheetLimits())
  var rows: [ReferenceParser.Row] = []
  func takeRow() {
    if !scanner.isBlank {
      let row = scanner.row
      rows.append(.init(line: row.line, fields: row.fields.map { Array($0.utf8) }))
    }
    scanner.startRow()
  }
  do throws(SheetError) {
    for start in stride(from: 0, to: text.count, by: piece) {
      let part = Array(text[start..<min(start + piece, text.count)])
      var position = 0
      while try scanner.scan(part.span, from: &position) { takeRow() }
    }
    if try scanner.finish() { takeRow() }
  } catch {
    return (rows, error)
  }
  return (rows, nil)
}

/// Every text of up to six of these bytes: 55,987 texts.
private let alphabet = Array("a ,\"\r\n".utf8)

@Test(arguments: 0...6)
func `the scanner agrees with the reference on every short text in pieces of any size`(
  length: Int
) {
  var digits = [Int](repeating: 0, count: length)
  while true {
    let text = digits.map { alphabet[$0] }
    let expected = ReferenceParser(text)
    for piece in 1...max(1, length) {
      let (rows, failure) = scan(text, piece: piece)
      guard rows == expected.rows, (failure != nil) == expected.hasFailed else {
        Issue.record("\(String(decoding: text, as: UTF8.self).debugDescription), piece \(piece)")
        return
      }
    }
    guard let place = digits.lastIndex(where: { $0 < alphabet.count - 1 }) else { return }
    digits[place] += 1
    for later in digits.indices where later > place { digits[later] = 0 }
  }
}

@Test func `a row that is kept does not hold on to the buffer of a larger row before it`() throws {
  var scanner = CSVScanner(limits: SheetLimits())
  let text = Array((String(repeating: "x", count: 60_000) + "\ny\n").utf8)
  var position = 0
  #expect(try scanner.scan(text.span, from: &position))
  scanner.startRow()
  #expect(try scanner.scan(text.span, from: &position))
  let row = scanner.row
  #expect(row.fields == ["y"])
  let stored = Mirror(reflecting: row).children.compactMap { $0.value as? [UInt8] }
  #expect(stored.count == 1)
  #expect(stored.allSatisfy { $0.capacity < 1000 })
}
