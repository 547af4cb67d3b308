import Testing

@testable import Station

@Suite struct JSONValueTests {
  private func read(_ text: String) -> JSONValue? { JSONValue(Array(text.utf8)) }

  @Test func `a text is read as it is meant`() {
    #expect(
      read(#" {"a": [1, -2.5e+3, true, false, null], "b": {"": "村\n\u6751\ud83d\ude00\/"}} "#)
        == .object([
          "a": .list([.number("1"), .number("-2.5e+3"), .flag(true), .flag(false), .null]),
          "b": .object(["": .text("村\n村😀/")]),
        ]))
    #expect(read("[]") == .list([]) && read("{}") == .object([:]) && read("0") == .number("0"))
  }

  @Test(arguments: [
    "", " ", "{", "}", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}", "01", "-",
    "1.",
    ".5", "1e", "+1", "nul", "truee", "\"", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\ud83d\"",
    "\"\\ude00\"", "\"\\ud83dx\"", "\"\\u+123\"", "\"\n\"", "[1]]", "NaN", "-01",
  ])
  func `what is no JSON is nothing`(_ text: String) {
    #expect(read(text) == nil)
  }

  @Test func `bytes that are no text are nothing, and depth is bounded`() {
    #expect(JSONValue([0x22, 0xFF, 0x22]) == nil)
    let deep = String(repeating: "[", count: 100_000)
    #expect(read(deep) == nil)
    #expect(read(String(repeating: "[", count: 31) + String(repeating: "]", count: 31)) != nil)
  }

  @Test func `what is quoted is read back`() {
    let text = "a\"b\\c\n\u{1}村😀"
    #expect(read(JSONValue.quoted(text)) == .text(text))
  }

  @Test func `every cut and every flipped bit of a message ends in something or nothing`() {
    let bytes = Array(
      #"{"event":"end-file","reason":"eof","n":[1,{"a":"\u6751"}],"x":-1.5e3}"#.utf8)
    for count in 0..<bytes.count { #expect(JSONValue(bytes.prefix(count)) == nil) }
    for index in bytes.indices {
      for bit in 0..<8 {
        var flipped = bytes
        flipped[index] ^= 1 << UInt8(bit)
        _ = JSONValue(flipped)
      }
    }
  }
}
