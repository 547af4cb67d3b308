import Causality
import Records

/// Every history of three copies of one record up to a number of operations, with every order
/// in which what was sent can arrive, any number of times.
///
/// Copies and parcels are numbered by their content, and what an event does to a copy is worked
/// out once: histories that lead to the same place share the rest. Nothing is skipped by that,
/// since what a copy does depends on its content only.
struct SmallScope {
  struct World: Hashable {
    var copies: [Int]
    /// Everything ever sent, sorted: it can arrive late, twice and at anybody.
    var bag: [Int] = []
  }

  private enum Event: Hashable {
    case write([FieldID])
    case reopen
    case merge(Int)
  }

  private struct Step: Hashable {
    let copy: Int
    let event: Event
  }

  private struct Sending: Hashable {
    let sender: Int
    let reader: Int?
  }

  /// What all copies with one causal history must have in common.
  private struct Face: Hashable {
    let vector: VersionVector
    let records: [RecordState]
    let digest: Digest
    let shown: [Resolution?]

    static func == (left: Face, right: Face) -> Bool {
      left.vector == right.vector && left.records == right.records
        && left.digest == right.digest && left.shown == right.shown
    }

    func hash(into hasher: inout Hasher) { hasher.combine(digest) }
  }

  private(set) var copies: [Copy] = []
  private var copyNumbers: [Copy: Int] = [:]
  private var parcels: [Parcel] = []
  private var parcelNumbers: [Parcel: Int] = [:]
  private var outcomes: [Step: Int] = [:]
  private var sendings: [Sending: Int] = [:]
  private var faces: [Past: Face] = [:]
  private var delivered: Set<World> = []
  private(set) var start: World
  private(set) var deliveries = 0
  private(set) var gaps = 0

  /// The first copy has created the record; the others have nothing.
  init() throws {
    start = World(copies: [])
    for name in 0..<3 {
      let role: Role = name == 0 ? .hub : .station
      let copy = Copy(author: Author(place: PlaceID(bits: UInt64(name)), role: role))
      start.copies.append(try number(copy))
    }
    start.copies[0] = try apply(.write([FieldID(1), FieldID(2)]), to: start.copies[0])
  }

  /// Every world one operation further.
  mutating func next(_ world: World) throws -> [World] {
    var found: [World] = []
    for (at, number) in world.copies.enumerated() where !copies[number].vector.isEmpty {
      for fields in [[FieldID(1)], [FieldID(2)], [FieldID.deleted]] {
        found.append(try self.world(world, at, after: .write(fields)))
      }
      if copies[number].line != nil { found.append(try self.world(world, at, after: .reopen)) }
      for to in world.copies.indices where to != at {
        for reader in [nil, world.copies[to]] {
          let parcel = send(from: number, beyond: reader)
          var late = world
          if !late.bag.contains(parcel) { late.bag = (late.bag + [parcel]).sorted() }
          found.append(late)
          found.append(try self.world(late, to, after: .merge(parcel)))
        }
      }
    }
    return found
  }

  private mutating func world(_ world: World, _ at: Int, after event: Event) throws -> World {
    var world = world
    world.copies[at] = try apply(event, to: world.copies[at])
    return world
  }

  /// Lets the bag arrive at each copy in every order, with any repetition.
  mutating func deliverAll(_ world: World) throws {
    for copy in Set(world.copies).sorted() {
      guard delivered.insert(World(copies: [copy], bag: world.bag)).inserted else { continue }
      var reached: Set<Int> = [copy]
      var stack = [copy]
      while let state = stack.popLast() {
        for parcel in world.bag {
          let after = try apply(.merge(parcel), to: state)
          deliveries += 1
          if reached.insert(after).inserted { stack.append(after) }
        }
      }
    }
  }

  private mutating func apply(_ event: Event, to number: Int) throws -> Int {
    let step = Step(copy: number, event: event)
    if let known = outcomes[step] { return known }
    var copy = copies[number]
    switch event {
    case .write(let fields):
      try copy.write(
        fields, of: copy.records.first?.id, bit: Self.bit, fresh: Self.epoch(after: copy))
    case .reopen: copy.reopen()
    case .merge(let parcel): if try !copy.merge(parcels[parcel]) { gaps += 1 }
    }
    let outcome = try self.number(copy)
    outcomes[step] = outcome
    return outcome
  }

  private mutating func send(from sender: Int, beyond reader: Int?) -> Int {
    let sending = Sending(sender: sender, reader: reader)
    if let known = sendings[sending] { return known }
    let parcel = copies[sender].parcel(
      beyond: reader.map { copies[$0].vector } ?? VersionVector(),
      reader.map { copies[$0].past.mask } ?? 0)
    let number = parcelNumbers[parcel] ?? parcels.count
    if number == parcels.count { parcels.append(parcel) }
    parcelNumbers[parcel] = number
    sendings[sending] = number
    return number
  }

  /// Numbers a copy, and if it is new compares it with the oracle and with every copy that has
  /// seen the same.
  private mutating func number(_ copy: Copy) throws -> Int {
    if let known = copyNumbers[copy] { return known }
    try copy.check()
    let face = Face(
      vector: copy.vector, records: copy.records, digest: copy.digest, shown: copy.shown)
    if let other = faces[copy.past] {
      try demand(face == other, "two copies saw the same: \(face)\nand \(other)")
    }
    faces[copy.past] = face
    copyNumbers[copy] = copies.count
    copies.append(copy)
    return copies.count - 1
  }

  // Epoch and bit of a write are fixed by its author and its place in the author's life, so that
  // histories which differ only in the order of independent operations meet again. The order of
  // the epochs is neither that of the copies nor that of the births.
  private static let lives = 3
  private static let writes = 7
  private static let shuffledBits: [UInt64] = [5, 8, 2, 9, 1, 4, 3, 7, 6]

  private static func epoch(after copy: Copy) -> Epoch {
    let name = Int(copy.author.place.bits)
    let born = copy.births.filter { $0.author == copy.author }.count
    return Epoch(bits: shuffledBits[name * lives + born])
  }

  private static func bit(of dot: Dot) -> Int {
    let life = shuffledBits.firstIndex(of: dot.epoch.bits) ?? 0
    return life * writes + Int(dot.sequence) - 1
  }
}
