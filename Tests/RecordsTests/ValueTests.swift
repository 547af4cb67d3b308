import Causality
import Records
import Testing

@Suite struct ValueTests {
  private static let integers: [Int64] = [
    0, 1, -1, 63, 64, -64, -65, 127, 128, 1 << 32, -(1 << 32), .max, .min,
  ]

  @Test(arguments: integers)
  func `a number is read back`(number: Int64) {
    let value = Value.integer(number)
    #expect(value.integer == number)
    #expect(value.text == nil && value.dot == nil && !value.isNull)
    #expect(value.description == String(number))
  }

  @Test(arguments: ["", "a", "春耕", "e\u{301}", "\0", "\u{FEFF}a", "\r\n", "𝄞"])
  func `a text is read back to the byte`(text: String) {
    let value = Value.text(text)
    #expect(value.text.map { Array($0.utf8) } == Array(text.utf8))
    #expect(value.integer == nil && value.dot == nil && !value.isNull)
  }

  @Test func `a dot is read back`() {
    for dot in [Dot(Epoch(bits: 1), 1), Dot(Epoch(bits: UInt64.max), UInt64.max)] {
      let value = Value.dot(dot)
      #expect(value.dot == dot)
      #expect(value.integer == nil && value.text == nil && !value.isNull)
      #expect(value.description == "@\(dot)")
    }
  }

  @Test func `the bytes of values are what the specification says`() {
    #expect(Value.null.bytes == hex("00"))
    #expect(Value.integer(0).bytes == hex("01 00"))
    #expect(Value.integer(-1).bytes == hex("01 01"))
    #expect(Value.integer(150).bytes == hex("01 ac02"))
    #expect(Value.integer(Int64.min).bytes == hex("01 ffffffffffffffffff01"))
    #expect(Value.text("二").bytes == hex("02 e4ba8c"))
    #expect(Value.dot(Dot(Epoch(bits: 9), 300)).bytes == hex("03 0900000000000000 ac02"))
  }

  /// Values of a later version, and values that somebody wrote wrongly.
  private static let foreign: [String] = [
    "", "0000", "0001", "01", "0180", "018000", "010000", "01ffffffffffffffffff02",
    "01ffffffffffffffffffff01", "02ff", "02c0af", "02eda080", "02f4908080", "02e4ba", "03",
    "030900000000000000", "03090000000000000000", "0300000000000000000001",
    "0309000000000000000101", "030900000000000000 8100", "04", "04616263", "ff",
  ]

  @Test(arguments: foreign)
  func `bytes that are no value of ours are kept, and shown in hexadecimal`(digits: String) {
    let value = Value(bytes: hex(digits))
    #expect(value.bytes == hex(digits))
    #expect(value.integer == nil && value.text == nil && value.dot == nil && !value.isNull)
    #expect(value.description == "#" + digits.filter { $0 != " " })
  }

  @Test func `a text prints on one line`() {
    #expect(Value.text("a\"b\\c\nd\te\u{7F}").description == #""a\"b\\c\nd\u{9}e\u{7f}""#)
    #expect(Value.text("#00").description == "\"#00\"")
    #expect(Value.text("12").description == "\"12\"")
    #expect(Value.null.description == "null")
    #expect(Value.text("null").description == "\"null\"")
  }

  @Test func `no bytes trap, and different bytes never print alike`() {
    withEverySeed(0..<200) { random in
      var printed: [[UInt8]: [UInt8]] = [:]
      for _ in 0..<200 {
        let value = random.chance(50) ? random.foreignValue() : random.knownValue()
        let line = Array(value.description.utf8)
        try demand(!line.contains(10), "\(value.bytes) prints more than one line")
        try demand(printed[line] ?? value.bytes == value.bytes, "\(value) is two values")
        printed[line] = value.bytes
        let kinds = [value.isNull, value.integer != nil, value.text != nil, value.dot != nil]
        try demand(kinds.filter { $0 }.count <= 1, "\(value.bytes) is of two kinds")
        if let integer = value.integer { try demand(Value.integer(integer) == value, "\(value)") }
        if let text = value.text { try demand(Value.text(text) == value, "\(value)") }
        if let dot = value.dot { try demand(Value.dot(dot) == value, "\(value)") }
      }
    }
  }
}
