/// A sentence for people that can be said in more than one language: the words as they stand in the
/// code, in English, with places for values.
///
///     let message: Message = "there is no place \(code) here"
///     message.text                   // there is no place 34.01 here
///     message.text(in: chinese)      // 这里没有 34.01 这个地方
///
/// The words are the key by which a `Phrasebook` finds the other language, so nothing has a name
/// that must be kept in step. A value may be a message itself.
package struct Message: Sendable, ExpressibleByStringInterpolation {
  /// What stands for a value in a `Phrasebook`.
  package static let place = "{}"

  enum Part: Sendable {
    case words(String)
    case value(String)
    case message(Message)
  }

  private(set) var parts: [Part]

  /// A text that is the same in every language.
  package init(verbatim text: String) { parts = [.value(text)] }

  package init(stringLiteral words: String) { parts = [.words(words)] }

  package init(stringInterpolation: Interpolation) { parts = stringInterpolation.parts }

  private init(parts: [Part]) { self.parts = parts }

  package struct Interpolation: StringInterpolationProtocol {
    var parts: [Part] = []

    package init(literalCapacity: Int, interpolationCount: Int) {
      parts.reserveCapacity(interpolationCount * 2 + 1)
    }

    package mutating func appendLiteral(_ words: String) {
      if !words.isEmpty { parts.append(.words(words)) }
    }

    package mutating func appendInterpolation(_ value: some CustomStringConvertible) {
      parts.append(.value(value.description))
    }

    package mutating func appendInterpolation(_ message: Message) {
      parts.append(.message(message))
    }
  }

  // MARK: Saying it

  /// In English.
  package var text: String { text(in: nil) }

  package var isEmpty: Bool { text.isEmpty }

  /// In the language of `book`; what it does not have is said in English.
  package func text(in book: Phrasebook?) -> String {
    let values = parts.compactMap { part -> String? in
      switch part {
      case .words: nil
      case .value(let text): text
      case .message(let message): message.text(in: book)
      }
    }
    guard let book, let phrase = book[key] else { return Self.filled(key, values) }
    return Self.filled(phrase, values)
  }

  /// The words with a place for each value: what a phrasebook is asked for.
  package var key: String {
    parts.map { if case .words(let words) = $0 { words } else { Self.place } }.joined()
  }

  /// Values go to the places in their order, or to `{2}` by number where another language wants
  /// another order.
  private static func filled(_ phrase: String, _ values: [String]) -> String {
    var text = ""
    var next = 0
    var rest = phrase[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      let name = rest[rest.index(after: open)..<close]
      text += rest[..<open]
      let number = name.isEmpty ? next : Int(name).map { $0 - 1 }
      if let number, values.indices.contains(number) {
        text += values[number]
        if name.isEmpty { next += 1 }
      } else {
        text += rest[open...close]
      }
      rest = rest[rest.index(after: close)...]
    }
    return text + rest
  }

  /// One after the other. Each is looked up by itself.
  package static func + (left: Message, right: Message) -> Message {
    Message(parts: [.message(left), .message(right)])
  }
}

extension Message: CustomStringConvertible {
  package var description: String { text }
}

/// What the program says, in another language.
package struct Phrasebook: Sendable {
  private let phrases: [String: String]

  /// English words with `{}` for each value, and what they are in the other language.
  package init(_ phrases: [String: String]) { self.phrases = phrases }

  package subscript(key: String) -> String? { phrases[key] }
}
