import Bundles
import Causality
import Testing
import Wording

@testable import Sync

/// Transfers over a link that breaks at any byte, to a hub that may forget everything.
@Suite struct TransferTests {
  /// A hub as Protocol/06-link.md has it: partial bundles by id, and answers.
  private struct Hub {
    var partial: [String: [UInt8]] = [:]
    var answers: [String: [UInt8]] = [:]
    var made = 0
    let answerBytes: Int

    enum Reply: Equatable {
      case held(Int)
      case answer(id: String, length: Int, from: Int, body: [UInt8])
    }

    /// `count` bytes of the body come; if that is not all, there is no reply.
    mutating func take(
      _ request: Transfer.Request, id: String, length: Int, arriving count: Int
    ) -> Reply? {
      if answers[id] == nil {
        let held = partial[id] ?? []
        guard request.offset <= held.count else { return .held(held.count) }
        let body = request.body.prefix(count).dropFirst(held.count - request.offset)
        partial[id] = held + body
        guard count >= request.body.count else { return nil }
        guard let whole = partial[id], whole.count == length else { return .held(held.count) }
        #expect(Transfer.id(whole) == id)
        made += 1
        answers[id] = (0..<answerBytes).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ made) }
        partial[id] = nil
      }
      guard count >= request.body.count, let answer = answers[id] else { return nil }
      let name = Transfer.id(answer)
      let from = name == request.answerID ? request.answerOffset : 0
      return .answer(id: name, length: answer.count, from: from, body: Array(answer[from...]))
    }
  }

  private struct Outcome {
    var attempts = 0
    var up = 0
    var down = 0
  }

  /// Carries a transfer over a link that breaks after `breaks(attempt)` bytes of both bodies.
  private func carry(
    _ bundle: [UInt8], _ hub: inout Hub, keeping isKept: Bool = false, forgetsAt: Int? = nil,
    breaks: (Int) -> Int
  ) throws -> (Transfer, Outcome) {
    var transfer = Transfer(bundle)
    var outcome = Outcome()
    while !transfer.isComplete {
      try #require(outcome.attempts < 1000)
      if forgetsAt == outcome.attempts {
        hub.answers = [:]
        hub.partial = [:]
      }
      var room = breaks(outcome.attempts)
      outcome.attempts += 1
      let request = transfer.request
      transfer.broke()
      let arriving = min(room, request.body.count)
      room -= arriving
      outcome.up += arriving
      let reply = hub.take(request, id: transfer.id, length: bundle.count, arriving: arriving)
      if case .held(let count) = reply { try transfer.holds(count) }
      if case .answer(let id, let length, let from, let body) = reply {
        _ = try transfer.answered(id: id, length: length, from: from)
        try transfer.took(body.prefix(room))
        outcome.down += min(room, body.count)
      }
      if isKept { transfer = try #require(Transfer(saved: transfer.saved)) }
    }
    return (transfer, outcome)
  }

  private static let bundle = (0..<2000).map { UInt8(truncatingIfNeeded: $0 &* 31) }

  @Test(arguments: [false, true])
  func `wherever it breaks, a bundle arrives and its answer comes back`(_ isKept: Bool) throws {
    for at in 0..<2400 {
      var hub = Hub(answerBytes: 400)
      let (transfer, outcome) = try carry(Self.bundle, &hub, keeping: isKept) {
        $0 == 0 ? at : .max
      }
      #expect(transfer.answer == hub.answers[transfer.id] && hub.made == 1)
      // The break, the question, and the rest; never a byte of a body twice.
      #expect(outcome.attempts <= 3)
      #expect(outcome.up == 2000 && outcome.down == 400)
    }
  }

  @Test func `a link that breaks every few bytes costs no byte of a body twice`() throws {
    for every in [7, 100, 600] {
      var hub = Hub(answerBytes: 300)
      let (_, outcome) = try carry(Self.bundle, &hub) { $0 % 2 == 0 ? every : .max }
      #expect(outcome.up == 2000 && outcome.down == 300)
      var slow = Hub(answerBytes: 300)
      let all = try carry(Self.bundle, &slow) { _ in max(every, 20) }
      #expect(all.1.up == 2000 && all.1.down == 300)
    }
  }

  @Test func `a small bundle is sent again rather than asked about`() throws {
    for at in 0..<340 {
      var hub = Hub(answerBytes: 40)
      let small = Array(Self.bundle.prefix(300))
      let (_, outcome) = try carry(small, &hub) { $0 == 0 ? at : .max }
      #expect(outcome.attempts <= 2 && outcome.up <= 600)
    }
  }

  @Test func `a hub that has forgotten everything is told again`() throws {
    for at in stride(from: 0, to: 2400, by: 37) {
      for forgetting in 1..<4 {
        var hub = Hub(answerBytes: 400)
        let (transfer, _) = try carry(Self.bundle, &hub, forgetsAt: forgetting) {
          $0 < 3 ? at : .max
        }
        #expect(transfer.answer == hub.answers[transfer.id])
      }
    }
  }

  @Test func `what cannot be is a bad reply`() throws {
    func expectBad(_ body: (inout Transfer) throws -> Void) {
      var transfer = Transfer(Self.bundle)
      #expect(throws: SyncError(.badReply, "")) { try body(&transfer) }
    }
    expectBad { try $0.holds(2001) }
    expectBad { try $0.holds(-1) }
    // It may forget what it held, but not for ever.
    expectBad { transfer in for _ in 0..<9 { try transfer.holds(0) } }
    expectBad { transfer in for _ in 0..<9 { try transfer.holds(2000) } }
    expectBad { _ = try $0.answered(id: "a", length: 10, from: 5) }
    expectBad { _ = try $0.answered(id: "a", length: Transfer.answerMax + 1, from: 0) }
    expectBad { transfer in
      _ = try transfer.answered(id: "a", length: 3, from: 0)
      try transfer.took([1, 2, 3, 4])
    }
    expectBad { try $0.took([1]) }
  }

  @Test func `an answer that is not gone on with is handed back`() throws {
    var transfer = Transfer(Self.bundle)
    #expect(try transfer.answered(id: "a", length: 9, from: 0).isEmpty)
    try transfer.took([1, 2, 3])
    transfer.broke()
    #expect(transfer.request.answerOffset == 3 && transfer.request.body.isEmpty)
    #expect(try transfer.answered(id: "b", length: 5, from: 0) == [1, 2, 3])
    #expect(transfer.answer.isEmpty && !transfer.isComplete)
  }

  @Test func `what was kept is read back, and nothing else is taken for it`() throws {
    var transfer = Transfer(Self.bundle)
    _ = try transfer.answered(id: "a", length: 9, from: 0)
    try transfer.took([1, 2, 3])
    transfer.broke()
    #expect(Transfer(saved: transfer.saved) == transfer)
    let saved = transfer.saved
    for count in 0..<saved.count { #expect(Transfer(saved: Array(saved.prefix(count))) == nil) }
    #expect(Transfer(saved: saved + [0]) == nil)
  }
}
