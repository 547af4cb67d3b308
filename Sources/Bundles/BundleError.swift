package import Wording

/// What is wrong with bytes that claim to be a bundle. Equality looks at the code only.
package struct BundleError: Error, Sendable, Equatable {
  /// Stable, from Protocol/04-errors.md; each has an invalid vector.
  package enum Code: String, Sendable, CaseIterable {
    case notABundle = "not_a_bundle"
    case versionUnsupported = "version_unsupported"
    case truncated = "truncated"
    case trailingBytes = "trailing_bytes"
    case checkFailed = "check_failed"
    case manifestMalformed = "manifest_malformed"
    case manifestTooLarge = "manifest_too_large"
    case pieceDamaged = "piece_damaged"
    case pieceMalformed = "piece_malformed"
    case pieceTooLarge = "piece_too_large"
    case catalogueUnknown = "catalogue_unknown"
    /// Not signed by the key that the sender is known by.
    case signatureWrong = "signature_wrong"
    /// Sealed for other keys than the reader has, or changed since.
    case sealWrong = "seal_wrong"
  }

  package let code: Code
  /// What is wrong, in the language of whom it is told.
  package let why: Message
  /// In English, for programs and logs.
  package var reason: String { why.text }
  /// Where in the file, in bytes, if known.
  package var offset: UInt64?

  package init(_ code: Code, _ why: Message, offset: UInt64? = nil) {
    self.code = code
    self.why = why
    self.offset = offset
  }

  package static func == (left: BundleError, right: BundleError) -> Bool {
    left.code == right.code
  }
}
