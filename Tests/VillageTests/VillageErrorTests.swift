import Testing
import Wording

@testable import Village

@Suite struct VillageErrorTests {
  @Test func `codes are in snake case, and equality looks at nothing else`() {
    for code in VillageError.Code.allCases {
      #expect(code.rawValue.allSatisfy { $0.isLowercase || $0 == "_" })
    }
    #expect(VillageError(.badDate, "a", line: 1) == VillageError(.badDate, "b", hint: "c"))
    #expect(VillageError(.badDate, "a") != VillageError(.badTime, "a"))
  }

  @Test func `text from outside is shown without what a terminal obeys`() {
    #expect(CellText.shown("a\u{1B}[31m\n\u{202E}b") == "a\u{FFFD}[31m\u{FFFD}\u{FFFD}b")
    #expect(CellText.shown(String(repeating: "长", count: 100)).count == 60)
    #expect(CellText.trimmed("\u{3000} a b \t\n") == "a b")
    #expect(CellText.trimmed(" \u{3000}").isEmpty)
  }
}
