/// When a value was written, for people and for the declared tie-break among values that
/// version vectors already know to be concurrent (P1). Never used to detect anything.
///
/// The upper 48 bits are milliseconds since 1970, the lower 16 count writes within one
/// (Kulkarni and others 2014, hybrid logical clocks).
package struct HybridTime: Hashable, Comparable, Sendable {
  package let bits: UInt64

  package init(bits: UInt64) { self.bits = bits }

  package init(milliseconds: Int64, count: UInt16 = 0) {
    let clamped = UInt64(max(0, min(milliseconds, (1 << 48) - 1)))
    bits = clamped << 16 | UInt64(count)
  }

  package var milliseconds: Int64 { Int64(bits >> 16) }

  package static func < (left: HybridTime, right: HybridTime) -> Bool { left.bits < right.bits }
}

/// Gives a replica's writes increasing times although its wall clock may stand still or go back.
package struct HybridClock: Sendable {
  /// A clock that was further ahead than this was wrong; its lead is not carried on.
  private static let leadMax: Int64 = 24 * 3600 * 1000

  package private(set) var last: HybridTime

  package init(last: HybridTime = HybridTime(bits: 0)) { self.last = last }

  /// The time of a write made at `wall` (milliseconds since 1970).
  package mutating func tick(wall: Int64) -> HybridTime {
    let now = HybridTime(milliseconds: wall)
    // Clamped times, since the difference to any wall clock at all must not overflow.
    if now > last || last.milliseconds - now.milliseconds > Self.leadMax {
      last = now
    } else if last.bits < UInt64.max {
      last = HybridTime(bits: last.bits + 1)
    }
    return last
  }
}
