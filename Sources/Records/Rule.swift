package import Causality

/// How a field chooses among concurrent values. Rules act when a record is read, never when it
/// is merged, so replicas that know different rules still hold equal state.
package enum Rule: String, CaseIterable, Sendable {
  /// A hub's value before a station's, then the latest.
  case authority
  /// The latest by hybrid time.
  case latest
  /// All elements of all values; an element is a line of the text. Where a value is no text, the
  /// latest, and a conflict.
  case union
  /// The greatest value: numbers by size, texts by their bytes.
  case maximum
  /// The least value.
  case minimum
  /// A person must choose; until then the latest is shown.
  case keepAll

  /// Whether differing siblings are a conflict for people, with a winner and losers.
  package var hasLosers: Bool {
    switch self {
    case .authority, .latest, .keepAll: true
    case .union, .maximum, .minimum: false
    }
  }
}

/// What a field reads as.
package struct Resolution: Equatable, Sendable {
  package let value: Value
  /// The write whose value is shown; nil where the value is made from several.
  package let winner: Dot?
  /// Values differ, and a person may want to know or must decide.
  package let isConflict: Bool
}

extension Rule {
  /// Chooses among the siblings of one field. `role` tells which kind of replica wrote an epoch.
  ///
  /// The order behind it is total and so transitive: each rule compares one key per sibling,
  /// and the dot decides what is left equal.
  package func resolve(_ siblings: [Sibling], role: (Epoch) -> Role) -> Resolution? {
    guard let first = siblings.first else { return nil }
    if siblings.count == 1 {
      return Resolution(value: first.value, winner: first.dot, isConflict: false)
    }
    let differ = siblings.contains { $0.value != first.value }
    if self == .union, differ, let united = Self.united(siblings) {
      return Resolution(value: united, winner: nil, isConflict: false)
    }
    let keys = siblings.map { key(of: $0, role: role) }
    let best = keys.indices.reduce(0) { keys[$1] > keys[$0] ? $1 : $0 }
    return Resolution(
      value: siblings[best].value, winner: siblings[best].dot,
      isConflict: differ && (hasLosers || self == .union))
  }

  /// Siblings from the one that prevails to the one that is first to yield.
  package func ranked(_ siblings: [Sibling], role: (Epoch) -> Role) -> [Sibling] {
    siblings.map { (key(of: $0, role: role), $0) }.sorted { $0.0 > $1.0 }.map(\.1)
  }

  private struct Key: Comparable {
    let rank: Int
    let magnitude: Magnitude
    let time: HybridTime
    let dot: Dot

    static func < (left: Key, right: Key) -> Bool {
      if left.rank != right.rank { return left.rank < right.rank }
      if left.magnitude != right.magnitude { return left.magnitude < right.magnitude }
      return left.time != right.time ? left.time < right.time : left.dot < right.dot
    }
  }

  /// How much a value is by `maximum` or `minimum`: numbers by size, other values by their bytes.
  private struct Magnitude: Comparable {
    var number: Int64 = 0
    var bytes: [UInt16] = []

    static func < (left: Magnitude, right: Magnitude) -> Bool {
      left.bytes == right.bytes
        ? left.number < right.number : left.bytes.lexicographicallyPrecedes(right.bytes)
    }
  }

  private func key(of sibling: Sibling, role: (Epoch) -> Role) -> Key {
    var rank = 0
    var magnitude = Magnitude()
    switch self {
    case .authority: rank = Int(role(sibling.dot.epoch).rawValue)
    case .maximum, .minimum: (rank, magnitude) = measure(sibling.value)
    case .latest, .union, .keepAll: break
    }
    return Key(rank: rank, magnitude: magnitude, time: sibling.time, dot: sibling.dot)
  }

  /// Whichever way the rule points, a number prevails over what is no number, and an empty value
  /// never wins against a real one.
  private func measure(_ value: Value) -> (rank: Int, magnitude: Magnitude) {
    let least = self == .minimum
    if value.isNull { return (0, Magnitude()) }
    if let number = value.integer { return (2, Magnitude(number: least ? ~number : number)) }
    // 256 ends the bytes when they are turned round, so that the shorter of two that begin alike
    // stays the lesser.
    let bytes =
      least ? value.bytes.map { 255 - UInt16($0) } + [256] : value.bytes.map { UInt16($0) }
    return (1, Magnitude(bytes: bytes))
  }

  /// The lines of all texts, each once, in the order of their bytes: a string's own order and
  /// equality depend on Unicode's tables, and so on the version. Nil where a value is neither
  /// text nor empty: it has no lines, and must not vanish (P3).
  private static func united(_ siblings: [Sibling]) -> Value? {
    var lines: Set<ArraySlice<UInt8>> = []
    for sibling in siblings where !sibling.value.isNull {
      guard Canonical.kind(of: sibling.value) == .text else { return nil }
      lines.formUnion(sibling.value.bytes.dropFirst().split(separator: UInt8(ascii: "\n")))
    }
    let sorted = lines.sorted { $0.lexicographicallyPrecedes($1) }
    return Value(bytes: [CellKind.text.rawValue] + sorted.joined(separator: [UInt8(ascii: "\n")]))
  }
}
