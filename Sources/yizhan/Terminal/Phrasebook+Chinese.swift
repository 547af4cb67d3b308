internal import Wording

extension Phrasebook {
  /// What the program says, in Chinese.
  static let chinese = Phrasebook([:])
}
