import Testing

@testable import Sheets

private let text = "station,title\n驿站,农村党员干部现代远程教育\n𠀀€é,\"春耕,\n生产\"\n"
private let fields = [
  ["station", "title"], ["驿站", "农村党员干部现代远程教育"], ["𠀀€é", "春耕,\n生产"],
]

@Test(arguments: [4, 5, 6, 7, 8, 9, 10, 11, 64 << 10])
func `UTF-8 and GB18030 read the same, with a mark or without, in chunks of any size`(
  chunkBytes: Int
) throws {
  for opening in ["", "\u{FEFF}"] {
    let utf8 = try reading(Array((opening + text).utf8), chunkBytes: chunkBytes)
    #expect(utf8.encoding == .utf8)
    #expect(utf8.fields == fields)
    let chinese = try reading(gb18030(opening + text), chunkBytes: chunkBytes)
    #expect(chinese.encoding == .gb18030)
    #expect(chinese.fields == fields)
    #expect(utf8.failure == nil && chinese.failure == nil)
  }
}

@Test func `GB18030 bytes are what the standard says`() throws {
  let sheet = try reading(Array("a\n".utf8) + [0xE6, 0xE4, 0xD5, 0xBE, 0x81, 0x30, 0x84, 0x36])
  #expect(sheet.encoding == .gb18030)
  #expect(sheet.fields == [["a"], ["驿站¥"]])
}

@Test func `UTF-16 is refused with the way out`() throws {
  for bytes: [UInt8] in [[0xFF, 0xFE, 0x61, 0], [0xFE, 0xFF, 0, 0x61]] {
    let sheet = try reading(bytes)
    #expect(sheet.failure?.code == .encoding)
    #expect(sheet.failure?.hint.contains("CSV UTF-8") == true)
  }
}

@Test func `UTF-16 without a mark is not text`() throws {
  #expect(try reading([0x61, 0, 0x2C, 0, 0x62, 0, 0x0A, 0]).failure?.code == .nul)
}

@Test func `a bad byte is named by line, column and byte`() throws {
  let before = "台站,名称,备注\r\n1,\"甲\n乙,丙,丁\","
  for (good, byte) in [(Array(before.utf8), 14), (gb18030(before), 11)] {
    for chunkBytes in [4, 5, 64 << 10] {
      let sheet = try reading(good + [0xFF] + Array("x,\n".utf8), chunkBytes: chunkBytes)
      #expect(sheet.failure?.code == .encoding)
      #expect(sheet.failure?.line == 3)
      #expect(sheet.failure?.column == 3)
      #expect(sheet.failure?.reason.contains("Byte \(byte) of this line (0xFF)") == true)
    }
  }
}

@Test func `half a character at the end of the file is a bad byte`() throws {
  for chunkBytes in [4, 5, 64 << 10] {
    let utf8 = try reading(Array(text.utf8) + [0xE9, 0xA9], chunkBytes: chunkBytes)
    #expect(utf8.failure?.code == .encoding)
    #expect(utf8.failure?.line == 5)
    let chinese = try reading(gb18030(text) + [0xE6], chunkBytes: chunkBytes)
    #expect(chinese.failure?.code == .encoding)
    #expect(chinese.failure?.line == 5)
  }
}

/// Every byte of the title is lost once. Some of what is left is legal GB18030, and would be read
/// as nonsense.
@Test func `UTF-8 that lost a byte is never taken for GB18030`() throws {
  let header = "驿站,节目名称,播放日期\n"
  let bytes = Array((header + "1,党员干部学习日,2\n").utf8)
  for lost in header.utf8.count + 2..<bytes.count - 3 {
    var damaged = bytes
    damaged.remove(at: lost)
    let sheet = try reading(damaged)
    #expect(sheet.failure?.code == .encoding, "byte \(lost)")
    #expect(sheet.failure?.line == 2)
  }
}

@Test func `a file with the UTF-8 mark is never taken for GB18030`() throws {
  let rest = Array("驿站".utf8).dropLast() + Array(",b\n".utf8)
  let sheet = try reading([0xEF, 0xBB, 0xBF] + rest)
  #expect(sheet.failure?.code == .encoding)
}

@Test func `a workbook is refused, old or new`() throws {
  #expect(try reading([0xD0, 0xCF, 0x11, 0xE0, 0xA1]).failure?.code == .workbook)
  #expect(try reading([0x50, 0x4B, 3, 4, 0]).failure?.code == .workbook)
}

@Test func `bytes that change into another encoding between the passes are noticed`() throws {
  let good = gb18030("台站,名称\n1,中\n")
  try withFile(good) { path in
    var reader = try CSVReader(path: path, limits: SheetLimits(), chunkBytes: 4)
    try append([0xFF, 0xFF, 0xFF, 0xFF], to: path)
    #expect(throws: SheetError.changed()) { while try reader.next() != nil {} }
  }
}
