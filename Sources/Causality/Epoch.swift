/// One unbroken life of a replica's counter in one partition: 64 random bits.
///
/// A replica that opens a database and cannot prove that nobody else continued it starts a new
/// epoch with its first write, so a dot never names two writes (P4).
package struct Epoch: Hashable, Comparable, Sendable {
  package let bits: UInt64

  package init(bits: UInt64) { self.bits = bits }

  /// A fresh epoch drawn from `source`. Zero is kept free to mean "none" in files.
  package init(from source: inout some RandomNumberGenerator) {
    self.bits = UInt64.random(in: 1...UInt64.max, using: &source)
  }

  package static func < (left: Epoch, right: Epoch) -> Bool { left.bits < right.bits }
}

extension Epoch: CustomStringConvertible {
  /// Sixteen lower-case hexadecimal digits.
  package var description: String {
    let digits = String(bits, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// The epoch that `description` printed, or nil if `text` is not one.
  package init?(_ text: some StringProtocol) {
    guard let bits = UInt64(text, radix: 16), bits != 0 else { return nil }
    self.bits = bits
    // `UInt64` also takes a sign, capitals and any number of digits.
    guard description == text else { return nil }
  }
}

/// The name of one write within a partition, for ever: the `sequence`th write of `epoch`.
///
/// Sequences count from 1 without gaps.
package struct Dot: Hashable, Comparable, Sendable {
  package let epoch: Epoch
  package let sequence: UInt64

  /// No epoch is longer: a dot fits into 31 bits beside a local number of its epoch.
  package static let sequenceMax: UInt64 = (1 << 31) - 1

  package init(_ epoch: Epoch, _ sequence: UInt64) {
    self.epoch = epoch
    self.sequence = sequence
  }

  package static func < (left: Dot, right: Dot) -> Bool {
    left.epoch != right.epoch ? left.epoch < right.epoch : left.sequence < right.sequence
  }
}

extension Dot: CustomStringConvertible {
  /// `epoch:sequence`, as the console, dumps and `plan edit` write it.
  package var description: String { "\(epoch):\(sequence)" }

  /// The dot that `description` printed, or nil if `text` is not one.
  package init?(_ text: some StringProtocol) {
    guard let colon = text.firstIndex(of: ":"), let epoch = Epoch(text[..<colon]),
      let sequence = UInt64(text[text.index(after: colon)...]),
      (1...Self.sequenceMax).contains(sequence)
    else { return nil }
    self.init(epoch, sequence)
    guard description == text else { return nil }
  }
}
