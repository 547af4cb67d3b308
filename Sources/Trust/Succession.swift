package import Causality
internal import Records

/// How a place came from older keys to newer ones: each new pair is signed by the one before. Whoever
/// knows any of them learns the last.
package struct Succession: Equatable, Sendable {
  private let first: PublicKeys
  private let steps: [Step]

  private struct Step: Equatable, Sendable {
    let keys: PublicKeys
    let signature: [UInt8]
  }

  /// More than anybody rotates; older keys than these are shown by a certificate, or invited again.
  package static let stepsMax = 24
  private static let signatureBytes = 64

  /// From the oldest of these keys to the newest.
  package init(_ keys: [SecretKeys], of place: PlaceID) {
    precondition(!keys.isEmpty, "the newest key first")
    let ascending = keys.prefix(Self.stepsMax + 1).reversed()
    first = ascending.first.map(\.publicKeys) ?? keys[0].publicKeys
    steps = zip(ascending, ascending.dropFirst()).map { old, new in
      Step(
        keys: new.publicKeys,
        signature: old.sign(Self.message(old.publicKeys, new.publicKeys, place)))
    }
  }

  private static func message(_ old: PublicKeys, _ new: PublicKeys, _ place: PlaceID) -> [UInt8] {
    var writer = ByteWriter()
    writer.fixed(place.bits)
    return Array("yizhan succession 2".utf8) + writer.bytes + old.bytes + new.bytes
  }

  /// The newest keys, if `known` are among those before and every step from there on is signed by the
  /// keys before it.
  package func newest(after known: PublicKeys, of place: PlaceID) -> PublicKeys? {
    var current = first
    var isKnown = first == known
    for step in steps {
      if isKnown, !current.verifies(step.signature, of: Self.message(current, step.keys, place)) {
        return nil
      }
      current = step.keys
      isKnown = isKnown || current == known
    }
    return isKnown ? current : nil
  }

  package var bytes: [UInt8] {
    steps.reduce(first.bytes) { $0 + $1.keys.bytes + $1.signature }
  }

  /// Nil if these are not the bytes of a succession of at least one step.
  package init?(_ bytes: [UInt8]) {
    let size = PublicKeys.bytesCount + Self.signatureBytes
    guard let first = PublicKeys(bytes.prefix(PublicKeys.bytesCount)) else { return nil }
    let rest = bytes.dropFirst(PublicKeys.bytesCount)
    guard !rest.isEmpty, rest.count.isMultiple(of: size), rest.count / size <= Self.stepsMax else {
      return nil
    }
    self.first = first
    var steps: [Step] = []
    for start in stride(from: rest.startIndex, to: rest.endIndex, by: size) {
      let keys = rest[start..<(start + PublicKeys.bytesCount)]
      guard let keys = PublicKeys(keys) else { return nil }
      steps.append(
        Step(
          keys: keys,
          signature: Array(rest[(start + PublicKeys.bytesCount)..<(start + size)])))
    }
    self.steps = steps
  }
}
