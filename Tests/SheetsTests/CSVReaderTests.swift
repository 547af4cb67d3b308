import Testing

@testable import Sheets

@Test(arguments: ["\n", "\r\n", "\r"])
func `a sheet reads the same with any line end, with or without the last`(end: String) throws {
  for last in ["", end] {
    let sheet = try reading("id,station\(end)1,east\(end)2,west\(last)")
    #expect(sheet.fields == [["id", "station"], ["1", "east"], ["2", "west"]])
    #expect(sheet.rows.map(\.line) == [1, 2, 3])
    #expect(sheet.failure == nil)
  }
}

@Test func `quoted fields keep commas, doubled quotes and line breaks`() throws {
  let sheet = try reading(
    "a,b\n\"x, y\",\"say \"\"yes\"\"\"\n\"one\r\ntwo\rthree\nfour\",\nz,\"\"\n")
  #expect(
    sheet.fields == [
      ["a", "b"], ["x, y", "say \"yes\""], ["one\r\ntwo\rthree\nfour", ""], ["z", ""],
    ])
  #expect(sheet.rows.map(\.line) == [1, 2, 3, 7])
}

@Test func `blank lines and rows of empty cells are passed over`() throws {
  let sheet = try reading("\n\r\na,b\n\n,\n \t, \n1,2\n,,,,\n\"\",\n\n")
  #expect(sheet.fields == [["a", "b"], ["1", "2"], ["", ""]])
  #expect(sheet.rows.map(\.line) == [3, 7, 9])
  #expect(sheet.refused.isEmpty)
}

@Test func `fields are not trimmed`() throws {
  let sheet = try reading("a,b\n x ,\ty\u{3000}\n")
  #expect(sheet.fields[1] == [" x ", "\ty\u{3000}"])
}

@Test func `a row with too many or too few fields is refused and the next one is read`() throws {
  let sheet = try reading("a,b\n1,2,3\n4,5\n6\n\"7\n7\",8\n9,,,\n")
  #expect(sheet.fields == [["a", "b"], ["4", "5"], ["7\n7", "8"]])
  #expect(sheet.refused.map(\.code) == [.columns, .columns, .columns])
  #expect(sheet.refused.map(\.line) == [2, 4, 7])
  #expect(sheet.refused.map(\.column) == [3, nil, 3])
  #expect(sheet.failure == nil)
}

@Test func `a row of very many fields is refused like any other`() throws {
  let commas = String(repeating: ",", count: 5000)
  let sheet = try reading("a,b\n\(commas)\nx\(commas)\n4,5\n")
  #expect(sheet.fields == [["a", "b"], ["4", "5"]])
  #expect(sheet.refused.map(\.line) == [2, 3])
}

@Test func `an error that ends the file is thrown again for ever`() throws {
  try withFile(Array("a,b,c\n1,2,3\n4,\"5\n\",x\"y\n7,8,9\n".utf8)) { path in
    var reader = try CSVReader(path: path)
    _ = try reader.next()
    for _ in 0..<3 {
      do throws(SheetError) {
        _ = try reader.next()
        Issue.record("there is no error")
      } catch {
        #expect(error.code == .quote)
        #expect(error.line == 4)
      }
    }
  }
}

@Test func `the end stays the end`() throws {
  try withFile(Array("a\n1".utf8)) { path in
    var reader = try CSVReader(path: path)
    #expect(try reader.next() != nil)
    for _ in 0..<3 { #expect(try reader.next() == nil) }
  }
}

@Test func `progress goes from nothing to the size of the file`() throws {
  let text = "a,b\n" + String(repeating: "1,2\n", count: 100)
  try withFile(Array(text.utf8)) { path in
    var reader = try CSVReader(path: path, limits: SheetLimits(), chunkBytes: 16)
    #expect(reader.bytesTotal == 404)
    #expect(reader.bytesRead == 16)
    var before = 0
    while try reader.next() != nil {
      #expect(reader.bytesRead >= before)
      before = reader.bytesRead
    }
    #expect(reader.bytesRead == 404)
  }
}

@Test func `fields are found by column, and a column that the sheet lacks gives nil`() throws {
  try withFile(Array("note,Station\nhello,east\n".utf8)) { path in
    var reader = try CSVReader(path: path)
    let header = try SheetHeader(
      reader.header, required: ["station"], optional: ["note", "title"])
    guard case .row(let row)? = try reader.next() else {
      Issue.record("there is no row")
      return
    }
    #expect(row[header.required("station")] == "east")
    #expect(row[header.optional("note")] == "hello")
    #expect(row[header.optional("title")] == nil)
  }
}
