/// For each epoch the highest sequence seen, without gaps. Entries are sorted by epoch.
///
/// Vectors that travel or are stored list *leaves* only: an entry that the birth of another
/// entry's epoch already stands for is left out (see `Ancestry`).
package struct VersionVector: Hashable, Sendable {
  package struct Entry: Hashable, Sendable {
    package let epoch: Epoch
    package let sequence: UInt64

    package init(_ epoch: Epoch, _ sequence: UInt64) {
      self.epoch = epoch
      self.sequence = sequence
    }

    package var dot: Dot { Dot(epoch, sequence) }
  }

  /// Sorted by epoch; no sequence is zero; no epoch appears twice.
  package private(set) var entries: [Entry]

  package init() { entries = [] }

  package init(_ dot: Dot) { entries = [Entry(dot.epoch, dot.sequence)] }

  /// The highest of the given sequences for each epoch. Zero sequences are dropped.
  package init(_ list: some Sequence<Entry>) {
    entries = []
    for entry in list { insert(entry.dot) }
  }

  package var isEmpty: Bool { entries.isEmpty }

  /// The highest sequence listed for `epoch`, or 0. It does not look at ancestors.
  package subscript(epoch: Epoch) -> UInt64 {
    let at = position(of: epoch)
    return at < entries.count && entries[at].epoch == epoch ? entries[at].sequence : 0
  }

  /// Raises the entry of `dot.epoch` to `dot.sequence` if it is lower.
  package mutating func insert(_ dot: Dot) {
    guard dot.sequence > 0 else { return }
    let at = position(of: dot.epoch)
    let entry = Entry(dot.epoch, dot.sequence)
    if at < entries.count, entries[at].epoch == dot.epoch {
      if entries[at].sequence < dot.sequence { entries[at] = entry }
    } else {
      entries.insert(entry, at: at)
    }
  }

  package mutating func remove(_ epoch: Epoch) {
    let at = position(of: epoch)
    if at < entries.count, entries[at].epoch == epoch { entries.remove(at: at) }
  }

  /// The index of `epoch`, or where it would go.
  private func position(of epoch: Epoch) -> Int {
    entries.partitionPoint { $0.epoch < epoch }
  }
}

extension VersionVector: CustomStringConvertible {
  /// `epoch:sequence` of every entry, separated by spaces; `-` when empty.
  package var description: String {
    isEmpty ? "-" : entries.map { $0.dot.description }.joined(separator: " ")
  }

  /// The vector that `description` printed, or nil.
  package init?(_ text: String) {
    self.init()
    if text == "-" { return }
    for part in text.split(separator: " ") {
      guard let dot = Dot(part) else { return nil }
      insert(dot)
    }
    guard description == text else { return nil }
  }
}
