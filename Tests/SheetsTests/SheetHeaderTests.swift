import Testing

@testable import Sheets

private func header(
  _ line: String, required: [String] = ["station", "date"], optional: [String] = ["note"]
) throws -> SheetHeader {
  try SheetHeader(reading(line + "\n").rows[0], required: required, optional: optional)
}

private func headerError(_ line: String) throws -> SheetError {
  try #require(throws: SheetError.self) { _ = try header(line) }
}

@Test func `columns are found in any order, case and spacing`() throws {
  let header = try header("\u{FEFF}\u{3000}Date , NOTE,\"\u{FEFF}station\"")
  #expect(header.required("date") == SheetColumn(name: "date", number: 1))
  #expect(header.optional("note")?.number == 2)
  #expect(header.required("station").number == 3)
  #expect(header.ignored.isEmpty)
}

@Test func `names in Chinese are found`() throws {
  let header = try header("日期, 台站", required: ["台站"], optional: ["日期"])
  #expect(header.required("台站").number == 2)
  #expect(header.optional("日期")?.number == 1)
}

@Test func `columns that nobody asked for are listed and ignored, even twice`() throws {
  let header = try header("id,station, Remark,date,remark,")
  #expect(header.ignored == ["id", "Remark", "remark", "(column 6)"])
  #expect(header.optional("note") == nil)
}

@Test func `what is missing is listed with what was found`() throws {
  let error = try headerError("id,note")
  #expect(error.code == .headerMissing)
  #expect(error.line == 1)
  for name in ["station", "date", "id", "note"] { #expect(error.reason.contains("“\(name)”")) }
}

@Test(arguments: ["id;station;date", "id\tstation\tdate", "id，station，date"])
func `a sheet with other separators is told to use commas`(line: String) throws {
  let error = try headerError(line)
  #expect(error.code == .headerMissing)
  #expect(error.hint.contains("commas"))
}

@Test func `a column that was asked for must not come twice`() throws {
  let error = try headerError("station,date,id, Station")
  #expect(error.code == .headerDuplicate)
  #expect(error.column == 4)
}

@Test func `only ASCII letters are the same in both cases`() throws {
  #expect(try headerError("ſtation,date").code == .headerMissing)
}

@Test func `to ask for a column by a name that was not given is our own bug`() async {
  await #expect(processExitsWith: .failure) {
    let header = try SheetHeader(
      SheetRow(line: 1, bytes: [0x61], ends: [1]), required: ["a"], optional: ["b"])
    _ = header.required("b")
  }
}
