internal import Wording

/// Something that a person should know of a data folder: what happened, what is safe and what is not,
/// what to do next.
struct Finding {
  enum Weight {
    /// The exit code of `check` tells.
    case wrong
    case note
  }

  /// Stable: an alarm's or an error's code, or one of Protocol/04-errors.md.
  let code: String
  let weight: Weight
  let what: Message
  let safe: Message
  let next: Message

  init(code: String, _ weight: Weight, _ what: Message, safe: Message, next: Message) {
    self.code = code
    self.weight = weight
    self.what = what
    self.safe = safe
    self.next = next
  }

  /// What an error says of itself.
  init(_ failure: Failure, safe: Message) {
    self.init(
      code: failure.code, .wrong, failure.why, safe: safe, next: failure.advice)
  }

  var json: JSON {
    .object([
      ("code", .text(code)), ("wrong", .flag(weight == .wrong)), ("what", .text(what.text)),
      ("safe", .text(safe.text)), ("next", .text(next.text)),
    ])
  }

  var text: String {
    """
    \(code): \(said(what))
      \(said("Safe:")) \(said(safe))
      \(said("Next:")) \(said(next))
    """
  }
}
