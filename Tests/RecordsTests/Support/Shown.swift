import Causality
import Records

/// What a field is expected to read as.
struct Shown: Equatable {
  let value: Value
  var winner: Dot?
  var isConflict = false

  init(_ value: Value, winner: Dot? = nil, isConflict: Bool = false) {
    self.value = value
    self.winner = winner
    self.isConflict = isConflict
  }

  init?(_ resolution: Resolution?) {
    guard let resolution else { return nil }
    self.init(resolution.value, winner: resolution.winner, isConflict: resolution.isConflict)
  }
}
