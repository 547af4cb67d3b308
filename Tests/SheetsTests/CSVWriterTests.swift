import Sheets
import Testing

private func text(_ rows: [[String]], lineEnd: CSVWriter.LineEnd = .lf) -> String {
  var writer = CSVWriter(lineEnd: lineEnd)
  for row in rows { writer.write(row) }
  return writer.text
}

@Test func `only fields that need quotes get them`() {
  #expect(
    text([["a b", "驿站", "", "x,y", "say \"yes\""]]) == "a b,驿站,,\"x,y\",\"say \"\"yes\"\"\"\n")
  #expect(text([["1\n2", "3\r4", "=1+1"]]) == "\"1\n2\",\"3\r4\",=1+1\n")
}

@Test func `lines end as asked`() {
  #expect(Array(text([["a"], ["b"]], lineEnd: .crlf).utf8) == Array("a\r\nb\r\n".utf8))
}

@Test func `a row of blanks is written so that it stays a row`() {
  #expect(text([[""], ["", " "], [" ", ""]]) == "\"\"\n\"\", \n\" \",\n")
}

@Test func `a mark at the start makes Excel read UTF-8`() {
  var writer = CSVWriter(opening: .byteOrderMark)
  writer.write(["站"])
  #expect(writer.bytes == [0xEF, 0xBB, 0xBF, 0xE7, 0xAB, 0x99, 0x0A])
}

@Test func `what was taken is not handed over again`() {
  var writer = CSVWriter(opening: .byteOrderMark)
  writer.write(["a"])
  #expect(writer.take() == [0xEF, 0xBB, 0xBF, 0x61, 0x0A])
  writer.write(["b"])
  #expect(writer.take() == [0x62, 0x0A])
  #expect(writer.bytes.isEmpty)
}
