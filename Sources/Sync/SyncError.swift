/// Why a bundle as a whole is not for this replica. Equality looks at the code only.
package struct SyncError: Error, Sendable, Equatable {
  /// Stable, from Protocol/04-errors.md.
  package enum Code: String, Sendable, CaseIterable {
    case notForHere = "not_for_here"
    case unknownSender = "unknown_sender"
    case outOfScope = "out_of_scope"
    /// What answered is no hub, or answers what cannot be.
    case badReply = "bad_reply"
  }

  package let code: Code
  package let reason: String

  package init(_ code: Code, _ reason: String) {
    self.code = code
    self.reason = reason
  }

  package static func == (left: SyncError, right: SyncError) -> Bool { left.code == right.code }
}
