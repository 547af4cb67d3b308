internal import Wording

extension Phrasebook {
  /// What the program says, in Chinese. `tools/wording` sees to it that nothing is missing and that
  /// no key stands in two of the files.
  static let chinese: Phrasebook = {
    var phrases: [String: String] = [:]
    for area in [bundles, sheets, village, commands, tables, help, keys, recovery, told] {
      phrases.merge(area) { first, _ in first }
    }
    return Phrasebook(phrases)
  }()
}
