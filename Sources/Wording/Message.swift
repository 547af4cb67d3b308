/// A sentence for people that can be said in more than one language: the words as they stand in the
/// code, in English, with places for values.
///
///     let message: Message = "there is no place \(code) here"
///     message.text                   // there is no place 34.01 here
///     message.text(in: chinese)      // 这里没有 34.01 这个地方
///
/// The words are the key by which a `Phrasebook` finds the other language, so nothing has a name
/// that must be kept in step. A value may be a message itself.
package struct Message: Sendable, Equatable, ExpressibleByStringInterpolation {
  /// What stands for a value in a `Phrasebook`.
  package static let place = "{}"

  enum Part: Sendable, Equatable {
    case words(String)
    case value(String)
    case message(Message)
    case told(String)
  }

  private(set) var parts: [Part]

  /// A text that is the same in every language.
  package init(verbatim text: String) { parts = [.value(text)] }

  /// Words that mean one thing here and another elsewhere: `meaning` is only for the `Phrasebook`,
  /// where their key is `words [meaning]`.
  package init(_ words: String, meaning: String) {
    parts = [.words(words)]
    self.meaning = meaning
  }

  private var meaning: String?

  /// What is only known when the program runs, in English: a text that was kept, that another
  /// program sent, or that the system says. A `Phrasebook` finds it by its words.
  package init(told text: String) { parts = [.told(text)] }

  /// Texts that are the same in every language, one after the other.
  package static func list(_ texts: some Sequence<String>) -> Message {
    list(texts.map { Message(verbatim: $0) })
  }

  /// The first of several texts, and how many more there are.
  package static func list(_ texts: [String], atMost most: Int) -> Message {
    let shown = list(texts.prefix(most))
    return texts.count > most ? "\(shown) and \(texts.count - most) more" : shown
  }

  package static func list(
    _ messages: some Sequence<Message>, separator: Message = ", "
  ) -> Message {
    var parts: [Part] = []
    for message in messages {
      if !parts.isEmpty { parts.append(.message(separator)) }
      parts.append(.message(message))
    }
    return Message(parts: parts)
  }

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

    package mutating func appendInterpolation(_ error: any Error) {
      parts.append(.told("\(error)"))
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
    guard let book else { return Self.filled(key, values(in: nil)) }
    let whole = isSum ? Message(parts: summands) : self
    let wanted = meaning.map { "\(key) [\($0)]" } ?? whole.key
    if let phrase = book[wanted] { return Self.filled(phrase, whole.values(in: book)) }
    return Self.filled(key, values(in: book))
  }

  private func values(in book: Phrasebook?) -> [String] {
    parts.compactMap { part -> String? in
      switch part {
      case .words: nil
      case .value(let text): text
      case .message(let message): message.text(in: book)
      case .told(let text): book?.retold(text) ?? text
      }
    }
  }

  /// The words with a place for each value: what a phrasebook is asked for.
  package var key: String {
    parts.map { if case .words(let words) = $0 { words } else { Self.place } }.joined()
  }

  /// Values go to the places in their order, or to `{2}` by number where another language wants
  /// another order.
  static func filled(_ phrase: String, _ values: [String]) -> String {
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

  /// One after the other, looked up as one sentence, or else each by itself.
  package static func + (left: Message, right: Message) -> Message {
    var sum = Message(parts: [.message(left), .message(right)])
    sum.isSum = true
    return sum
  }

  private var isSum = false

  /// The parts of all that was added.
  private var summands: [Part] {
    guard isSum else { return parts }
    return parts.flatMap { part in
      if case .message(let message) = part { message.summands } else { [part] }
    }
  }
}

extension Message: CustomStringConvertible {
  package var description: String { text }
}
