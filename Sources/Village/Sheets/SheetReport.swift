package import Wording

/// What became of a sheet: counts of its rows, and what a person should look at.
package struct SheetReport: Sendable, Equatable {
  /// Something to look at in a row that was taken all the same.
  package struct Warning: Sendable, Equatable {
    package let line: Int
    package let what: Message
    /// In English, for programs.
    package var text: String { what.text }
  }

  /// A row that was not taken.
  package struct Refusal: Sendable, Equatable {
    package let line: Int
    /// Nil where the whole row is meant.
    package let column: Int?
    /// Stable: of `VillageError` or `SheetError`.
    package let code: String
    package let why: Message
    package let advice: Message
    /// In English, for programs.
    package var reason: String { why.text }
    package var hint: String { advice.text }
  }

  /// How many warnings and how many refusals are kept; further ones are counted.
  package static let listedMax = 1_000

  /// Rows in the sheet, without its header.
  package internal(set) var read = 0
  package internal(set) var added = 0
  package internal(set) var changed = 0
  package internal(set) var unchanged = 0
  /// What an earlier sheet brought into the same plans and this sheet does not have. Nothing was
  /// done about it.
  package internal(set) var missing = 0
  package private(set) var warnings: [Warning] = []
  package private(set) var warningCount = 0
  package private(set) var refused: [Refusal] = []
  package private(set) var refusedCount = 0

  package init() {}

  mutating func warn(_ line: Int, _ what: Message) {
    warningCount += 1
    if warnings.count < Self.listedMax { warnings.append(Warning(line: line, what: what)) }
  }

  mutating func refuse(_ refusal: Refusal) {
    refusedCount += 1
    if refused.count < Self.listedMax { refused.append(refusal) }
  }
}
