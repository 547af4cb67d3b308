import Causality
import Records

/// Copies for stories: each writes under epochs 10 times its place's number, 1 more per life.
struct Stations {
  private(set) var copies: [Copy]
  private var writes = 0
  private var lives = 0

  init(_ count: Int) {
    copies = (1...count).map {
      Copy(author: Author(place: PlaceID(bits: UInt64($0)), role: .station))
    }
  }

  subscript(at: Int) -> Copy { copies[at] }

  mutating func reopen(_ at: Int) { copies[at].reopen() }

  /// Writes `fields` of the first record that is held, or creates it.
  mutating func write(_ at: Int, _ fields: [FieldID]) throws {
    let bit = writes
    writes += 1
    lives += copies[at].line == nil ? 1 : 0
    try copies[at].write(
      fields, of: copies[at].records.first?.id, bit: { _ in bit },
      fresh: Epoch(bits: UInt64(10 * (at + 1) + lives % 10)))
  }

  /// All that `at` has, for a reader who has nothing.
  func everything(of at: Int) -> Parcel { copies[at].parcel(beyond: VersionVector(), 0) }

  /// What `from` has beyond what `to` has.
  func delta(from: Int, to: Int) -> Parcel {
    copies[from].parcel(beyond: copies[to].vector, copies[to].past.mask)
  }

  mutating func merge(_ parcel: Parcel, at: Int) throws {
    try copies[at].merge(parcel)
    try copies[at].check()
  }
}

/// Every order of `list`.
func permutations<Element>(_ list: [Element]) -> [[Element]] {
  guard list.count > 1 else { return [list] }
  return list.indices.flatMap { at in
    var rest = list
    let first = rest.remove(at: at)
    return permutations(rest).map { [first] + $0 }
  }
}
