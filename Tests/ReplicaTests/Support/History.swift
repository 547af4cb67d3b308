import Bundles
import Causality
import Records
import Testing

@testable import Replica

/// A random history of a few replicas: writes, edits, deletes, events, reopenings, restores,
/// clones, and bundles that come late, twice, in any order, or never. After every step the replica
/// that it concerned must hold and show exactly what the ledger says.
final class History {
  final class Member {
    let name: String
    let site: Site
    /// What it must hold.
    var held: [PartitionID: Set<Dot>]

    init(_ name: String, _ site: Site, held: [PartitionID: Set<Dot>] = [:]) {
      self.name = name
      self.site = site
      self.held = held
    }
  }

  private struct Copy {
    let member: String
    let file: String
    let held: [PartitionID: Set<Dot>]
  }

  static let partitions = [Shelf.work, Shelf.log]

  let ground: Ground
  let dice: Seeded
  let leases: String?
  let ledger = Ledger()
  var members: [Member] = []
  private var copies: [Copy] = []
  private var bag: [Parcel] = []
  private var receipts: [[PartitionID: VersionVector]] = [[:]]
  /// What happened, for whoever has to find out why.
  private(set) var trace: [String] = []

  /// `templates` are files of fresh replicas, made once and copied.
  init(_ dice: Seeded, on ground: Ground, templates: [String], leases: String? = nil) throws {
    self.ground = ground
    self.dice = dice
    self.leases = leases
    for index in 0..<(2 + dice.below(3)) {
      members.append(
        Member("r\(index)", try Site(copy: templates[index], on: ground, dice, leases: leases)))
    }
  }

  /// Runs and checks. Throws with the history if something is wrong.
  func run(steps: Int) throws {
    do {
      for _ in 0..<steps { try step() }
      try finish()
    } catch {
      throw Ledger.Broken(
        description: "\(dice.testDescription):\n\(trace.joined(separator: "\n"))\n=> \(error)")
    }
  }

  private func step() throws {
    let member = dice.pick(members)
    switch dice.below(100) {
    case 0..<34: try write(member)
    case 34..<38: try writeInVain(member)
    case 38..<44:
      trace.append("\(member.name) reopens")
      try member.site.reopen()
    case 44..<48:
      trace.append("\(member.name) is copied, copy \(copies.count)")
      copies.append(
        Copy(member: member.name, file: try member.site.snapshot(), held: member.held))
    case 48..<51: try restore()
    case 51..<53: try clone()
    case 53..<76: try send(from: member)
    default: try deliver(to: member)
    }
    try check(member)
  }

  // MARK: Steps

  private func write(_ member: Member) throws {
    let count = 1 + dice.below(3)
    try member.site.replica.write { store in
      for _ in 0..<count { try Writing(history: self, member: member, store: store).any() }
    }
  }

  private func writeInVain(_ member: Member) throws {
    struct Vain: Error {}
    trace.append("\(member.name) writes in vain")
    let held = member.held
    let vain = Ledger()
    #expect(throws: Vain.self) {
      try member.site.replica.write { store in
        try Writing(history: self, member: member, store: store, ledger: vain).any()
        throw Vain()
      }
    }
    member.held = held
    ledger.forbid(vain.all)
  }

  private func restore() throws {
    guard let copy = copies.isEmpty ? nil : dice.pick(copies),
      let member = members.first(where: { $0.name == copy.member })
    else { return }
    let how = dice.pick(Site.Restoring.allCases)
    trace.append("\(member.name) is set back \(how) to a copy of \(copy.held.mapValues(\.count))")
    try member.site.restore(copy.file, how)
    member.held = copy.held
    try check(member)
  }

  private func clone() throws {
    guard !copies.isEmpty, members.count < 5 else { return }
    let copy = dice.pick(copies)
    let name = "\(copy.member)'\(members.count)"
    trace.append("\(name) is cloned")
    members.append(
      Member(
        name, try Site(copy: copy.file, on: ground, dice, leases: leases), held: copy.held))
  }

  private func send(from member: Member) throws {
    let reader = dice.pick(members)
    let bases =
      dice.chance(60)
      ? try Dictionary(
        uniqueKeysWithValues: Self.partitions.map { ($0, try reader.site.replica.vector($0)) })
      : dice.pick(receipts)
    receipts.append(bases)
    trace.append("\(member.name) sends \(bag.count) from \(bases.values.map(\.description))")
    var wanted = bases
    for partition in Self.partitions where wanted[partition] == nil {
      wanted[partition] = VersionVector()
    }
    bag.append(try Parcel(from: member.site.replica, wanted))
  }

  private func deliver(to member: Member) throws {
    guard !bag.isEmpty else { return }
    let number = dice.chance(60) ? max(0, bag.count - 1 - dice.below(4)) : dice.below(bag.count)
    try deliver(bag[number], "\(number)", to: member)
  }

  private func deliver(_ parcel: Parcel, _ name: String, to member: Member) throws {
    let deltas = try parcel.opened().manifest.deltas
    let outcomes = try member.site.replica.take(parcel)
    trace.append("\(member.name) takes \(name): \(outcomes.codes)")
    for (delta, outcome) in zip(deltas, outcomes) {
      let held = member.held[delta.partition] ?? []
      let isGap = !ledger.dots(of: delta.base).isSubset(of: held)
      guard outcome.refusal?.code == (isGap ? "gap" : nil) else {
        throw Ledger.Broken(
          description: "\(outcome), where \(isGap ? "a gap" : "no refusal") was expected")
      }
      if !isGap {
        member.held[delta.partition] = held.union(ledger.dots(of: delta.target))
      }
    }
  }

  // MARK: Checks

  private func check(_ member: Member) throws {
    let shown = try member.site.replica.read { store in
      try Self.partitions.reduce(into: [PartitionID: (VersionVector, [String])]()) {
        var lines: [String] = []
        try store.dump($1) { lines.append($0) }
        $0[$1] = (try store.summary($1).vector, lines)
      }
    }
    for partition in Self.partitions {
      let held = member.held[partition] ?? []
      guard let (vector, dump) = shown[partition] else { continue }
      guard ledger.dots(of: vector) == held, ledger.isLeavesOnly(vector) else {
        throw Ledger.Broken(
          description: "\(member.name) says \(vector), but holds \(held.sorted())")
      }
      let lines = Ledger.timeless(dump)
      let wanted = ledger.lines(partition, held: held)
      guard lines == wanted else {
        throw Ledger.Broken(
          description: "\(member.name) shows\n\(lines.joined(separator: "\n"))\nnot\n"
            + wanted.joined(separator: "\n"))
      }
    }
  }

  private func finish() throws {
    trace.append("final exchange")
    var all: [PartitionID: Set<Dot>] = [:]
    for member in members {
      for (partition, held) in member.held { all[partition, default: []].formUnion(held) }
    }
    for _ in 0..<2 {
      for reader in members {
        for sender in members where sender !== reader {
          let bases = try Dictionary(
            uniqueKeysWithValues: Self.partitions.map { ($0, try reader.site.replica.vector($0)) })
          try deliver(
            Parcel(from: sender.site.replica, bases), "all from \(sender.name)", to: reader)
        }
      }
    }
    for member in members {
      try check(member)
      for partition in Self.partitions where member.held[partition] ?? [] != all[partition] ?? [] {
        throw Ledger.Broken(description: "\(member.name) has not everything of \(partition)")
      }
    }
    try compare()
  }

  /// All hold the same: they must be equal byte for byte (P2), and have nothing to complain of.
  private func compare() throws {
    let first = members[0].site.replica
    for member in members {
      let replica = member.site.replica
      for partition in Self.partitions {
        guard try replica.dump(partition) == first.dump(partition),
          try replica.summary(partition) == first.summary(partition)
        else { throw Ledger.Broken(description: "P2: \(member.name) differs from the first") }
      }
      let complaints = try replica.complaints(Self.partitions)
      let alarms = try replica.alarmCodes()
      guard complaints.isEmpty, alarms.isEmpty, try replica.integrity().isEmpty else {
        throw Ledger.Broken(description: "\(member.name): \(complaints) \(alarms)")
      }
    }
  }

  func traced(_ line: String) { trace.append(line) }
}
