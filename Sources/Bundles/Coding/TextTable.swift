/// Texts by number: the bytes of all of them in one buffer.
package struct TextTable: Sendable, Equatable {
  package private(set) var bytes: [UInt8] = []
  /// Where each text ends in `bytes`; it begins where the one before ends.
  package private(set) var ends: [Int] = []

  package init() {}

  package var count: Int { ends.count }

  /// Where text `index` lies in `bytes`.
  package func range(_ index: Int) -> Range<Int> {
    (index == 0 ? 0 : ends[index - 1])..<ends[index]
  }

  package subscript(index: Int) -> ArraySlice<UInt8> { bytes[range(index)] }

  package mutating func append(_ text: UnsafeRawBufferPointer) {
    bytes.append(contentsOf: text)
    ends.append(bytes.count)
  }

  package mutating func append(_ text: some Collection<UInt8>) {
    bytes.append(contentsOf: text)
    ends.append(bytes.count)
  }
}

/// The texts of a piece: those of the catalogue first, then the piece's own.
package struct PieceTexts: Sendable {
  package let catalogue: TextTable
  package internal(set) var own = TextTable()

  init(catalogue: Catalogue?) { self.catalogue = catalogue?.texts ?? TextTable() }

  package var count: Int { catalogue.count + own.count }

  package subscript(index: Int) -> ArraySlice<UInt8> {
    index < catalogue.count ? catalogue[index] : own[index - catalogue.count]
  }
}

/// Gives equal texts equal numbers. Open addressing over the table itself, so that looking a
/// text up allocates nothing.
package struct TextInterner {
  package private(set) var texts: PieceTexts
  private var slots: [Int32]

  package init(catalogue: Catalogue? = nil) {
    texts = PieceTexts(catalogue: catalogue)
    slots = Array(repeating: -1, count: 64)
    while slots.count < 4 * texts.count { slots = Array(repeating: -1, count: slots.count * 2) }
    for index in 0..<texts.count { place(index) }
  }

  package mutating func index(of text: UnsafeRawBufferPointer) -> Int {
    var slot = Self.hash(text) & (slots.count - 1)
    while slots[slot] >= 0 {
      let index = Int(slots[slot])
      if equals(index, text) { return index }
      slot = (slot + 1) & (slots.count - 1)
    }
    let index = texts.count
    texts.own.append(text)
    slots[slot] = Int32(index)
    if 2 * texts.count > slots.count { grow() }
    return index
  }

  package mutating func index(of text: some Collection<UInt8>) -> Int {
    let bytes = Array(text)
    return bytes.withUnsafeBytes { index(of: $0) }
  }

  private func equals(_ index: Int, _ text: UnsafeRawBufferPointer) -> Bool {
    let known = texts[index]
    guard known.count == text.count else { return false }
    return known.withUnsafeBytes { known in
      known.elementsEqual(text)
    }
  }

  private mutating func grow() {
    slots = Array(repeating: -1, count: slots.count * 2)
    for index in 0..<texts.count { place(index) }
  }

  private mutating func place(_ index: Int) {
    var slot = texts[index].withUnsafeBytes(Self.hash) & (slots.count - 1)
    while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = Int32(index)
  }

  /// Seeded anew in every process: a hub hashes the texts of its stations, and none may aim for
  /// collisions. Numbers do not depend on it.
  private static func hash(_ text: UnsafeRawBufferPointer) -> Int {
    var hasher = Hasher()
    hasher.combine(bytes: text)
    return hasher.finalize()
  }
}
