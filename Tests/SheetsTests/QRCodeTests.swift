import Testing

@testable import Sheets

/// What a text is as a code, and what a terminal shows of it.
struct QRCodeTests {
  @Test func `two rows of modules are one line of half blocks`() throws {
    let code = try #require(QRCode(rows: ["101", "011", "010"]))
    let lines = code.lines(.none)
    #expect(code.columns == 11)
    #expect(
      lines == [
        "           ", "           ", "    ▀▄█    ", "     ▀     ", "           ", "           ",
      ])
  }

  @Test func `on a terminal each line sets its colours and gives them back`() throws {
    let code = try #require(QRCode(rows: ["1"]))
    let plain = code.lines(.none)
    #expect(code.lines(.set) == plain.map { "\u{1B}[0;30;47m\($0)\u{1B}[0m" })
  }

  @Test func `four light modules lie on each side`() throws {
    let code = try #require(QRCode("yizhan2"))
    let lines = code.lines(.none)
    let empty = String(repeating: " ", count: code.columns)
    #expect(lines.allSatisfy { $0.count == code.columns })
    #expect(lines.prefix(2) == [empty, empty])
    #expect(lines.allSatisfy { $0.hasPrefix("    ") && $0.hasSuffix("    ") })
    // An odd number of rows ends in the upper half of a line.
    #expect(lines.suffix(2) == [empty, empty])
  }

  @Test func `the lines show every module`() throws {
    let code = try #require(QRCode(String(repeating: "yizhan2-AbC_", count: 20)))
    let lines = code.lines(.none).map { Array($0) }
    for row in -QRCode.quiet..<code.width + QRCode.quiet {
      for column in -QRCode.quiet..<code.width + QRCode.quiet {
        let place = (row + QRCode.quiet, column + QRCode.quiet)
        let shown = lines[place.0 / 2][place.1]
        let isDark = shown == "█" || shown == (place.0 % 2 == 0 ? "▀" : "▄")
        #expect(isDark == code.isDark(row: row, column: column), "row \(row), column \(column)")
      }
    }
  }

  @Test func `a code has the three squares that a camera looks for`() throws {
    let code = try #require(QRCode("驿站"))
    #expect((code.width - 17) % 4 == 0)
    let corner = ["1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111"]
    for (top, left) in [(0, 0), (0, code.width - 7), (code.width - 7, 0)] {
      let found = (0..<7).map { row in
        (0..<7).map { code.isDark(row: top + row, column: left + $0) ? "1" : "0" }.joined()
      }
      #expect(found == corner)
    }
  }

  @Test func `what is too long or empty is no code`() {
    #expect(QRCode(String(repeating: "x", count: 2_331)) != nil)
    #expect(QRCode(String(repeating: "x", count: 2_332)) == nil)
    #expect(QRCode("") == nil)
  }
}
