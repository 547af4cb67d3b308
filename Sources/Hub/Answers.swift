internal import Synchronization

/// What was answered lately, so that a broken answer can be gone on with, and a bundle that comes
/// twice costs nothing. Forgetting one is harmless: the bundle is then asked for again.
final class Answers: Sendable {
  private struct State {
    var answers: [String: [UInt8]] = [:]
    /// Oldest first; may name an answer twice.
    var order: [String] = []
    var first = 0
    var bytes = 0
  }

  private let state = Mutex(State())
  private let bytesMax: Int

  init(bytesMax: Int = 16 << 20) { self.bytesMax = bytesMax }

  subscript(id: String) -> [UInt8]? { state.withLock { $0.answers[id] } }

  func keep(_ answer: [UInt8], for id: String) {
    state.withLock { state in
      state.bytes += answer.count + Self.overhead - (state.answers[id].map(Self.size) ?? 0)
      state.answers[id] = answer
      state.order.append(id)
      while state.bytes > bytesMax, state.first < state.order.count {
        let oldest = state.order[state.first]
        state.first += 1
        if let forgotten = state.answers.removeValue(forKey: oldest) {
          state.bytes -= Self.size(forgotten)
        }
      }
      if state.first > 4096, state.first > state.order.count / 2 {
        state.order.removeFirst(state.first)
        state.first = 0
      }
    }
  }

  private static let overhead = 200
  private static func size(_ answer: [UInt8]) -> Int { answer.count + overhead }
}
