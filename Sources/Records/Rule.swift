package import Causality

/// How a field chooses among concurrent values. Rules act when a record is read, never when it
/// is merged, so replicas that know different rules still hold equal state.
package enum Rule: String, CaseIterable, Sendable {
  /// A hub's value before a station's, then the latest.
  case authority
  /// The latest by hybrid time.
  case latest
  /// All elements of all values; an element is a line of the text.
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
    if self == .union, differ {
      return Resolution(value: Self.united(siblings), winner: nil, isConflict: false)
    }
    let keys = siblings.map { key(of: $0, role: role) }
    let best = keys.indices.reduce(0) { keys[$1] > keys[$0] ? $1 : $0 }
    return Resolution(
      value: siblings[best].value, winner: siblings[best].dot, isConflict: differ && hasLosers)
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

  /// Numbers before other values, each kind in its own order.
  private struct Magnitude: Comparable {
    var number: Int64 = 0
    var bytes: [UInt8] = []

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
    case .maximum: (rank, magnitude) = Self.measure(sibling.value, sign: 1)
    case .minimum: (rank, magnitude) = Self.measure(sibling.value, sign: -1)
    case .latest, .union, .keepAll: break
    }
    return Key(rank: rank, magnitude: magnitude, time: sibling.time, dot: sibling.dot)
  }

  /// An empty value never wins against a real one, whichever way the rule points.
  private static func measure(_ value: Value, sign: Int64) -> (Int, Magnitude) {
    if value.isNull { return (0, Magnitude()) }
    if let number = value.integer {
      let clamped = max(number, -Int64.max)
      return (Int(2 * sign), Magnitude(number: sign * clamped))
    }
    let bytes = sign > 0 ? value.bytes : value.bytes.map { 255 - $0 } + [255]
    return (Int(sign), Magnitude(bytes: bytes))
  }

  private static func united(_ siblings: [Sibling]) -> Value {
    var elements: Set<String> = []
    for sibling in siblings {
      for line in (sibling.value.text ?? "").split(separator: "\n") { elements.insert(String(line)) }
    }
    return .text(elements.sorted().joined(separator: "\n"))
  }
}
