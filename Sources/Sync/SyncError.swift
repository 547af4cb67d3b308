package import Wording

/// Why a bundle as a whole is not for this replica. Equality looks at the code only.
package struct SyncError: Error, Sendable, Equatable {
  /// Stable, from Protocol/04-errors.md.
  package enum Code: String, Sendable, CaseIterable {
    case notForHere = "not_for_here"
    case unknownSender = "unknown_sender"
    case outOfScope = "out_of_scope"
    /// The other's keys were never shown here.
    case keyUnknown = "key_unknown"
    /// The keys belong to a machine that was replaced.
    case keyRevoked = "key_revoked"
    /// What answered is no hub, or answers what cannot be.
    case badReply = "bad_reply"
  }

  package let code: Code
  /// What is wrong, in the language of whom it is told.
  package let why: Message
  /// In English, for programs and logs.
  package var reason: String { why.text }

  package init(_ code: Code, _ why: Message) {
    self.code = code
    self.why = why
  }

  package static func == (left: SyncError, right: SyncError) -> Bool { left.code == right.code }
}
