package import Wording

/// What can go wrong with a stick. Equality looks at the code only.
package struct MailbagError: Error, Sendable, Equatable {
  /// Stable, from Protocol/04-errors.md.
  package enum Code: String, Sendable, CaseIterable {
    case stickMissing = "stick_missing"
    case stickReadOnly = "stick_read_only"
    case stickFull = "stick_full"
    case stickFailed = "stick_failed"
    case notVerified = "not_verified"
    case reviewUnknown = "review_unknown"
  }

  package let code: Code
  /// What is wrong, and what to do next, in the language of whom it is told.
  package let why: Message
  package let advice: Message
  /// In English, for programs and logs.
  package var reason: String { why.text }
  package var hint: String { advice.text }

  package init(_ code: Code, _ why: Message, hint advice: Message = "") {
    self.code = code
    self.why = why
    self.advice = advice
  }

  package static func == (left: MailbagError, right: MailbagError) -> Bool {
    left.code == right.code
  }
}
