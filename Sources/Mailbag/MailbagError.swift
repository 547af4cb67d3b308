/// What can go wrong with a stick. Equality looks at the code only.
package struct MailbagError: Error, Sendable, Equatable {
  /// Stable, from Protocol/04-errors.md.
  package enum Code: String, Sendable, CaseIterable {
    case stickMissing = "stick_missing"
    case stickReadOnly = "stick_read_only"
    case stickFull = "stick_full"
    case stickFailed = "stick_failed"
    case notVerified = "not_verified"
  }

  package let code: Code
  package let reason: String
  package let hint: String

  package init(_ code: Code, _ reason: String, hint: String = "") {
    self.code = code
    self.reason = reason
    self.hint = hint
  }

  package static func == (left: MailbagError, right: MailbagError) -> Bool {
    left.code == right.code
  }
}
