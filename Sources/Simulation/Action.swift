/// One thing that happens. `number` is its place in the schedule that the seed makes and never changes,
/// whatever is left out before it; all further choices come from the seed and the number.
package struct Action: Hashable, Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    // What people do.
    case play, plan, edit, delete, programme
    // What neighbours do.
    case exchange, write, read, again, release
    // What operators do.
    case backUp, move, retire, rotate, revoke, replace
    // What goes wrong.
    case loss, cut, damage, crash, fail, clock, away, setBack, restore, clone, freeze
  }

  package let number: Int
  package let kind: Kind

  package init(number: Int, kind: Kind) {
    self.number = number
    self.kind = kind
  }
}

/// What a seed makes happen.
package enum Schedule {
  /// How often each kind comes, against the others.
  private static func weight(_ kind: Action.Kind) -> Int {
    switch kind {
    case .play: 10
    case .plan, .edit: 8
    case .delete, .programme: 3
    case .exchange: 22
    case .write, .read: 8
    case .again, .release: 4
    case .backUp: 3
    case .move, .retire, .rotate, .revoke, .replace: 2
    case .loss, .cut, .damage: 4
    case .crash, .clock: 4
    case .fail: 3
    case .away, .setBack, .restore: 3
    case .clone, .freeze: 1
    }
  }

  /// What no schedule is without.
  private static let always: Set<Action.Kind> = [.play, .plan, .edit, .exchange]

  /// Each seed leaves out about half of the rest, so that what two faults do to each other is not
  /// drowned by the others.
  package static func make(seed: UInt64, count: Int) -> [Action] {
    var dice = Dice(seed, "schedule")
    let kinds = Action.Kind.allCases.filter { kind in
      let isIn = dice.chance(55)
      return isIn || always.contains(kind)
    }
    let bag = kinds.flatMap { Array(repeating: $0, count: weight($0)) }
    return (0..<count).map { Action(number: $0, kind: bag[dice.below(bag.count)]) }
  }
}
