internal import Bundles
internal import Causality
internal import Exchange
internal import Replica
internal import Sync
internal import Trust
internal import Village

/// How neighbours meet: the real turns of an exchange, over a link or a stick that does what it likes.
extension World {
  /// What befalls the two bundles of an exchange.
  enum Fate {
    case well, requestLost, answerLost, requestCut, answerCut, answerLate
  }

  private var turn: Turn { Turn(BundleCodec()) }

  func join(_ machine: Machine, to hub: Machine, replaces: Bool = false) throws {
    let code = try hub.replica.read { try Places.find($0, id: machine.place)?.code }
    let invitation = try write(hub, "invite") {
      try Membership.invite(
        $0, code: code ?? machine.code, name: machine.name, as: machine.role,
        ifNamedOtherwise: .rename, days: 36_500, replaces: replaces)
    }
    guard let invitation else { return }
    _ = try write(machine, "join") { try Membership.join($0, invitation) }
  }

  /// The machine of the hub above, if there is one that can be reached.
  func upper(of machine: Machine) throws -> Machine? {
    let hub = try machine.replica.read { try Places.hub($0) }
    return hub.flatMap { at($0).first }
  }

  /// One exchange from below. Returns whether anything was said.
  @discardableResult
  func exchange(_ lower: Machine, _ fate: Fate = .well, cutAt: UInt64 = 0) throws -> Bool {
    guard let upper = try upper(of: lower) else { return false }
    guard let request = try compose(lower, to: upper.place) else { return false }
    guard fate != .requestLost else { return true }
    guard
      let answer = try answer(
        upper, Parcel.cut(request.bytes, fate == .requestCut ? cutAt : nil), of: lower)
    else { return true }
    post.keep(Parcel(sender: upper.place, reader: lower.place, bytes: answer.bytes))
    guard fate != .answerLost, fate != .answerLate else { return true }
    _ = try take(lower, Parcel.cut(answer.bytes, fate == .answerCut ? cutAt : nil))
    return request.deltas > 0 || answer.deltas > 0 || request.hasMore || answer.hasMore
  }

  /// The next bundle for a neighbour.
  func compose(_ machine: Machine, to neighbour: PlaceID, bytesMax: UInt64 = 1 << 20) throws
    -> Turn.Sent?
  {
    let sent = try write(machine, "compose") { store -> Turn.Sent? in
      guard let neighbour = try Neighbours.find(store, neighbour) else { return nil }
      return try turn.write(to: neighbour, store, bytesMax: bytesMax)
    }
    guard let sent = sent.flatMap({ $0 }) else { return nil }
    post.keep(Parcel(sender: machine.place, reader: neighbour, bytes: sent.bytes))
    return sent
  }

  /// What a hub answers to a bundle: as the real one does, in one transaction.
  private func answer(_ hub: Machine, _ bytes: [UInt8], of lower: Machine) throws -> Turn.Sent? {
    let turn = turn
    var refused: String?
    var taken: Turn.Taken?
    let sent = try write(hub, "answer") { store -> Turn.Sent in
      do {
        let heard = try turn.take(try SealedBytes(bytes), store)
        taken = heard
        return try turn.write(to: heard.sender, store)
      } catch {
        refused = Refusals.code(error)
        throw error
      }
    }
    if sent != nil, let taken {
      try look(at: taken, by: hub)
      guard lower.revoker != hub.place else {
        throw Violation("revoked_believed", "\(hub.name) has revoked \(lower.name) and believes it")
      }
    }
    if let refused, isHealing, Self.invitationCodes.contains(refused) {
      try inviteAgain(lower, hub)
    }
    if let refused, Self.keyCodes.contains(refused) {
      let shown = try hub.replica.read { try Sealing.introduction($0) }
      _ = try write(lower, "reintroduce") { try Sealing.reintroduce(shownAbove: shown, $0) }
    }
    return sent
  }

  private static let invitationCodes = [
    "invitation_unknown", "invitation_used", "invitation_expired",
  ]

  /// A hub that was set back to before an invitation gives out another, as its message says; or the hub
  /// does under which the place has been put since.
  private func inviteAgain(_ machine: Machine, _ hub: Machine) throws {
    let above = try hub.replica.read { try Places.find($0, id: machine.place)?.hub }
    try join(machine, to: above.flatMap { at($0).first } ?? hub, replaces: true)
    machine.revoker = nil
    machine.isRevoked = false
    for other in at(machine.place) where other !== machine { other.isRevoked = true }
  }

  private static let keyCodes = ["signature_wrong", "key_unknown", "unknown_sender"]

  /// Takes in a bundle that has come, however often and from wherever.
  func take(_ machine: Machine, _ bytes: [UInt8]) throws -> Turn.Taken? {
    let taken = try write(machine, "take") { store in
      try turn.take(try SealedBytes(bytes), store)
    }
    if let taken { try look(at: taken, by: machine) }
    return taken
  }

  /// What became of a bundle. All who write are honest: what they sealed is never malformed, and what
  /// they write may be, as long as nobody has moved or was set back.
  private func look(at taken: Turn.Taken, by machine: Machine) throws {
    for refusal in taken.refusals { count("refused \(refusal.code)", machine) }
    for refusal in taken.refusals where refusal.code == "delta_malformed" {
      throw Violation("malformed", "\(taken.sender.place.name): \(refusal.reason)")
    }
    guard isDisturbed || taken.outcomes.allSatisfy(\.answered.isEmpty) else {
      throw Violation("taken_back", "what \(taken.sender.place.name) wrote had a right to be")
    }
  }

  // MARK: In the end

  /// Exchanges until nobody has anything to say. Throws if that does not come.
  func settle() throws {
    var quiet = 0
    for round in 0..<Self.roundsMax {
      quiet += 1
      // Up through the tree, and down again.
      for machine in round % 2 == 0 ? lasting.reversed() : lasting where try exchange(machine) {
        quiet = 0
      }
      // Two machines of one card take one more round: the hub hears from each what the other has not.
      if quiet == 2 { return }
    }
    throw Violation("never_quiet", "after \(Self.roundsMax) rounds something is still to be said")
  }

  private static let roundsMax = 40

  /// With nothing to say, nobody has anything to write to anybody either.
  func fallSilent() throws {
    for _ in 0..<Self.roundsMax {
      var isSilent = true
      for machine in lasting {
        guard let upper = try upper(of: machine), lasting.contains(where: { $0 === upper }) else {
          continue
        }
        let isSaid = try hasWord(machine, for: upper.place) || hasWord(upper, for: machine.place)
        guard isSaid else { continue }
        isSilent = false
        try exchange(machine)
      }
      if isSilent { return }
    }
    throw Violation("never_silent", "after \(Self.roundsMax) rounds bundles still go to and fro")
  }

  private func hasWord(_ machine: Machine, for neighbour: PlaceID) throws -> Bool {
    try write(machine, "listen") { store in
      guard let neighbour = try Neighbours.find(store, neighbour) else { return false }
      return try !PeerSession(neighbour).outgoing(store).isEmpty
    } ?? false
  }
}

extension Parcel {
  /// The first part of it, at least as much as a reader needs to know whose it is.
  static func cut(_ bytes: [UInt8], _ at: UInt64?) -> [UInt8] {
    guard let at else { return bytes }
    return Array(bytes.prefix(Int(at % UInt64(bytes.count + 1))))
  }

  /// With one bit turned.
  static func damaged(_ bytes: [UInt8], _ at: UInt64) -> [UInt8] {
    var bytes = bytes
    guard !bytes.isEmpty else { return bytes }
    bytes[Int(at >> 3 % UInt64(bytes.count))] ^= 1 << UInt8(at & 7)
    return bytes
  }
}
