/// What the program says, in another language.
package struct Phrasebook: Sendable {
  private let phrases: [String: String]

  /// English words with `{}` for each value, and what they are in the other language.
  package init(_ phrases: [String: String]) { self.phrases = phrases }

  package subscript(key: String) -> String? { phrases[key] }

  // MARK: What was said before

  /// A text that was kept or sent in English, or nil if it is none of the phrases. Of several that
  /// fit it is the longest; sentences that stand in its places are looked up too.
  package func retold(_ text: String) -> String? {
    if let phrase = phrases[text] { return phrase }
    // order: by length, then by text.
    let patterns = phrases.keys.filter { $0.contains("{") }.sorted {
      ($1.utf8.count, $0) < ($0.utf8.count, $1)
    }
    return retold(text, by: patterns)
  }

  private func retold(_ text: String, by patterns: [String]) -> String? {
    if let phrase = phrases[text] { return phrase }
    for pattern in patterns {
      guard let values = Self.values(of: text, in: pattern), let phrase = phrases[pattern] else {
        continue
      }
      // A value of one word is nobody's sentence.
      return Message.filled(
        phrase,
        values.map {
          $0.contains(" ") ? retold(String($0), by: patterns) ?? String($0) : String($0)
        }
      )
    }
    return nil
  }

  /// What stands in the places of `key`, each as short as can be, if `text` is made by it.
  private static func values(of text: String, in key: String) -> [Substring]? {
    var words: [Substring] = []
    var rest = key[...]
    while let place = rest.firstRange(of: Message.place) {
      words.append(rest[..<place.lowerBound])
      rest = rest[place.upperBound...]
    }
    words.append(rest)
    guard let first = words.first, let last = words.last, text.hasPrefix(first) else { return nil }
    var values: [Substring] = []
    var left = text.dropFirst(first.count)
    for word in words.dropFirst().dropLast() {
      guard let found = left.firstRange(of: word) else { return nil }
      values.append(left[..<found.lowerBound])
      left = left[found.upperBound...]
    }
    guard left.hasSuffix(last) else { return nil }
    return values + [left.dropLast(last.count)]
  }
}
