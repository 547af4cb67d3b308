internal import Bundles
internal import Causality
internal import Records
internal import Wording

/// Looks at what a delta brings that is new here, and asks the `Authority` whether its author may have
/// written it (P18). What may not be is taken back by a write of this replica's, where it has a say: the
/// vectors count it as seen, and nobody holds anything else than we do. Elsewhere the delta is refused.
final class Court {
  private let authority: any Authority
  private let store: Store
  private let partition: LivePartition
  private var verdicts: [Question: (Verdict, Claim)] = [:]
  /// What must be proven, or comes from elsewhere.
  private var claims: [Write] = []
  /// How far the delta claims to have seen epochs of which that must be known too.
  private var awaited: [Dot] = []
  private var refused: [Write] = []
  /// Of epochs that the delta claims to have seen.
  private var refusedAuthors: Set<Author> = []
  /// Records with a value that may be.
  private var allowed: Set<RecordKey> = []
  /// The claims of each epoch, the earliest first, once all are known.
  private var claimsOf: [Epoch: [Write]] = [:]
  private var confirmed: Set<Dot> = []

  private struct Question: Hashable {
    let epoch: Int64
    let creator: Epoch?
    let collection: Int64
    let field: FieldID
    let isDeleted: Bool
  }

  private struct RecordKey: Hashable {
    let collection: Int64
    let id: Dot
  }

  /// A value, and what there was before it.
  private struct Write {
    let claim: Claim
    let table: RecordTable
    let record: Dot
    let field: FieldID
    let sibling: Sibling
    let before: Value
    let isRecordNew: Bool
    let wasDeleted: Bool
    let verdict: Verdict

    var author: Author { claim.author }
    var key: RecordKey { RecordKey(collection: table.number, id: record) }
  }

  init(_ authority: any Authority, _ store: Store, _ partition: LivePartition) {
    self.authority = authority
    self.store = store
    self.partition = partition
  }

  private func verdict(on claim: Claim) throws(ReplicaError) -> Verdict {
    do { return try authority.verdict(on: claim) } catch {
      throw error as? ReplicaError ?? ReplicaError(.diskError, "\(error)")
    }
  }

  // MARK: Epochs

  /// Before a delta of records is merged: whose writes it claims to have seen all. What must come from
  /// elsewhere or be proven is noted, or a delta that brings nothing of it would hide it for ever.
  func look(at delta: Delta) throws(ReplicaError) {
    let ancestry = try store.ancestry(of: partition)
    for (epoch, from) in ancestry.uncovered(at: delta.target, beyond: partition.vector) {
      let reach = ancestry.reach(of: epoch, in: delta.target)
      guard reach >= from, let author = try store.find(epoch)?.birth?.author else { continue }
      switch try verdict(on: Claim(author, partition.id)) {
      case .notYet: awaited.append(Dot(epoch, reach))
      case .refused: refusedAuthors.insert(author)
      case .ifProven, .allowed: continue
      }
    }
  }

  private var mustWait: ReplicaError {
    ReplicaError(.gap, "\(partition.id) has writes that must come from above first")
  }

  /// Before events of an epoch are taken in. Events cannot be taken back, and a station may say of its own
  /// log what it likes: what it says this replica wrote stays, and people are told.
  func look(at epoch: LiveEpoch, _ author: Author) throws(ReplicaError) {
    let question = Question(
      epoch: epoch.number, creator: nil, collection: 0, field: .deleted, isDeleted: false)
    guard verdicts[question] == nil else { return }
    let claim = Claim(author, partition.id)
    let verdict = try verdict(on: claim)
    verdicts[question] = (verdict, claim)
    switch verdict {
    case .allowed: return
    case .notYet: throw mustWait
    case .refused:
      throw ReplicaError(
        .notOwner, "\(partition.id) has events of a place that has no right to it")
    case .ifProven:
      try store.raise(
        "events_unproven",
        "\(partition.id): events that were entered here came back from below, and nothing proves them"
      )
    }
  }

  // MARK: Records

  /// Before a record's new state is stored.
  func look(at change: RecordChange, _ table: RecordTable) throws(ReplicaError) {
    for field in change.new.fields {
      let old = change.old[field.field]
      var isAdded = old.isEmpty
      for sibling in field.siblings where !old.contains(where: { $0.dot == sibling.dot }) {
        isAdded = true
        try look(at: sibling, field.field, change, table)
      }
      // A value goes only for one that was written over it.
      guard isAdded || field.siblings.count == old.count || change.isDeleted else {
        throw malformed(change.id)
      }
    }
    guard change.isDeleted || change.old.fields.allSatisfy({ !change.new[$0.field].isEmpty }) else {
      throw malformed(change.id)
    }
  }

  private func malformed(_ record: Dot) -> ReplicaError {
    ReplicaError(.deltaMalformed, "record \(record) is not what its writes make of it")
  }

  private func look(
    at sibling: Sibling, _ field: FieldID, _ change: RecordChange, _ table: RecordTable
  ) throws(ReplicaError) {
    guard let epoch = try store.find(sibling.dot.epoch), let author = epoch.birth?.author else {
      throw malformed(change.id)
    }
    guard sibling.dot.sequence > epoch.seen else {
      // What was seen before is held already, or has been written over; or it was released beneath a
      // deletion, and others still have it (Protocol/model, deleted-is-asked).
      guard change.isDeleted, field != .deleted else { throw malformed(change.id) }
      return
    }
    let question = Question(
      epoch: epoch.number, creator: change.isDeleted ? change.id.epoch : nil,
      collection: table.number, field: field, isDeleted: change.isDeleted)
    if verdicts[question] == nil {
      let claim = Claim(
        author, partition.id, collection: table.name,
        field: try store.names.fieldName(field, of: table.number),
        isDeleted: change.isDeleted,
        creator: try store.find(change.id.epoch)?.birth?.author)
      verdicts[question] = (try verdict(on: claim), claim)
    }
    guard let (verdict, claim) = verdicts[question] else { return }
    guard verdict != .allowed else {
      if change.stored == nil {
        allowed.insert(RecordKey(collection: table.number, id: change.id))
      }
      return
    }
    let rule = table.fields.first { $0.id == field }?.rule ?? .latest
    let write = Write(
      claim: claim, table: table, record: change.id, field: field, sibling: sibling,
      before: rule.resolve(change.old[field], role: store.role(of:))?.value ?? .null,
      isRecordNew: change.stored == nil, wasDeleted: change.stored?.isDeleted == true,
      verdict: verdict)
    if verdict == .refused { refused.append(write) } else { claims.append(write) }
  }

  /// When all of the delta is stored. Returns what was taken back.
  ///
  /// Throws `gap` if something must come from elsewhere and is not proven, and `not_proven` if something is
  /// said to be this replica's own and is not known to be: it may be right if its secrets were lost, so
  /// nothing is taken back, and people look at it. Throws `not_owner` where this replica may not write
  /// itself.
  func close(_ proofs: [Proof]) throws(ReplicaError) -> [RefusedWrite] {
    if !claims.isEmpty || !awaited.isEmpty { try settleClaims(proofs) }
    guard authority.mayAnswer(in: partition.id) else {
      let open = refused.map(\.claim) + refusedAuthors.map { Claim($0, partition.id) }
      for claim in open where try !stands(claim) {
        throw ReplicaError(
          .notOwner, "\(partition.id) has writes of a place that has no right to it")
      }
      return []
    }
    guard !refused.isEmpty else { return [] }
    var order: [RecordKey] = []
    var records: [RecordKey: [Write]] = [:]
    for write in refused {
      if records[write.key] == nil { order.append(write.key) }
      records[write.key, default: []].append(write)
    }
    guard order.count <= Self.answersMax else {
      throw ReplicaError(
        .notOwner, "\(partition.id) has writes of a place that has no right to it")
    }
    var answered: [RefusedWrite] = []
    for key in order {
      let writes = records[key] ?? []
      do throws(ReplicaError) { try takeBack(key.id, writes) } catch {
        // Such a record cannot be written over: its values are too large, or it is not whole.
        guard error.code == .valueTooLarge || error.code == .unknownRecord else { throw error }
        throw malformed(key.id)
      }
      answered += try told(writes)
    }
    return answered
  }

  private func stands(_ claim: Claim) throws(ReplicaError) -> Bool {
    do { return try authority.appeal(claim) } catch {
      throw error as? ReplicaError ?? ReplicaError(.diskError, "\(error)")
    }
  }

  /// Records of one delta that are answered; with more it is refused as a whole.
  private static let answersMax = 256

  // MARK: Proofs

  /// Of the proofs that came, those that may be right: of what had to be proven it is known.
  func believable(_ proofs: [Proof]) -> [Proof] {
    proofs.filter { covered(by: $0).isEmpty || confirmed.contains(Dot($0.epoch, $0.first)) }
  }

  private func covered(by proof: Proof) -> ArraySlice<Write> {
    guard let writes = claimsOf[proof.epoch] else { return [] }
    let rest = writes[writes.partitionPoint { $0.sibling.dot.sequence < proof.first }...]
    return rest[..<rest.partitionPoint { $0.sibling.dot.sequence <= proof.last }]
  }

  private func settleClaims(_ proofs: [Proof]) throws(ReplicaError) {
    claimsOf = Dictionary(grouping: claims, by: \.sibling.dot.epoch).mapValues { writes in
      writes.sorted { $0.sibling.dot.sequence < $1.sibling.dot.sequence }
    }
    var shown = VersionVector()
    var proven: Set<Dot> = []
    let epochs = Set(claimsOf.keys).union(awaited.map(\.epoch))
    for proof in proofs where epochs.contains(proof.epoch) {
      let covered = covered(by: proof)
      guard let birth = try store.find(proof.epoch)?.birth,
        try isConfirmed(proof, of: birth, covered)
      else { continue }
      confirmed.insert(Dot(proof.epoch, proof.first))
      for write in covered {
        allowed.insert(write.key)
        proven.insert(write.sibling.dot)
      }
      // Who wrote it had seen what the epoch was born from.
      shown.insert(Dot(proof.epoch, proof.last))
      for parent in birth.parents.entries { shown.insert(parent.dot) }
    }
    let open = claims.filter { !proven.contains($0.sibling.dot) }
    guard awaited.allSatisfy({ shown[$0.epoch] >= $0.sequence }),
      open.allSatisfy({ $0.verdict == .ifProven })
    else { throw mustWait }
    guard open.isEmpty else {
      throw ReplicaError(
        .notProven, "\(partition.id): what is said to have been written here is not proven")
    }
  }

  private func isConfirmed(
    _ proof: Proof, of birth: Birth, _ covered: ArraySlice<Write>
  ) throws(ReplicaError) -> Bool {
    let present = try covered.map { write throws(ReplicaError) in
      ChainValue(
        hashing: Canonical.item(
          collection: write.table.name, id: write.record,
          field: try store.names.fieldName(write.field, of: write.table.number),
          sibling: write.sibling))
    }
    guard let statement = proof.statement(of: birth, in: partition.id, present: present) else {
      return false
    }
    do {
      return try authority.confirms(proof.signature, of: statement, by: birth.author)
    } catch { throw error as? ReplicaError ?? ReplicaError(.diskError, "\(error)") }
  }

  /// A record that should not be is deleted, one that should be gets its values back, and one that was
  /// deleted is made anew: deletion is terminal.
  private func takeBack(_ record: Dot, _ writes: [Write]) throws(ReplicaError) {
    let table = writes[0].table
    guard !writes[0].wasDeleted, let state = try store.state(record, table) else { return }
    let isNew = writes[0].isRecordNew
    if isNew, !allowed.contains(writes[0].key) {
      guard !state.isDeleted else { return }
      return try store.answer(
        table.name, partition, record: record, [(RecordFieldName.deletion, .null)])
    }
    if state.isDeleted {
      // Who deleted it had the right to, whatever else was written beneath.
      guard !isNew, writes.contains(where: { $0.field == .deleted }) else { return }
      var values: [(name: String, value: Value)] = []
      for field in state.fields where field.field != .deleted {
        let value = rightful(field, writes, table)
        guard !value.bytes.isEmpty, Canonical.kind(of: value) != nil else { continue }
        values.append((try store.names.fieldName(field.field, of: table.number), value))
      }
      guard !values.isEmpty else { return }
      return try store.answer(table.name, partition, record: nil, values)
    }
    var values: [(name: String, value: Value)] = []
    for field in state.fields where writes.contains(where: { $0.field == field.field }) {
      values.append(
        (
          try store.names.fieldName(field.field, of: table.number),
          rightful(field, writes, table)
        ))
    }
    guard !values.isEmpty else { return }
    try store.answer(table.name, partition, record: record, values)
  }

  /// What a field shows without the writes that may not be, or showed before them.
  private func rightful(_ field: FieldState, _ writes: [Write], _ table: RecordTable) -> Value {
    let bad = writes.filter { $0.field == field.field }
    let kept = field.siblings.filter { sibling in
      !bad.contains { $0.sibling.dot == sibling.dot }
    }
    let rule = table.fields.first { $0.id == field.field }?.rule ?? .latest
    return rule.resolve(kept, role: store.role(of:))?.value ?? bad.first?.before ?? .null
  }

  private func told(_ writes: [Write]) throws(ReplicaError) -> [RefusedWrite] {
    var values: [(name: String, value: Value)] = []
    for write in writes {
      values.append(
        (try store.names.fieldName(write.field, of: write.table.number), write.sibling.value))
    }
    return [
      RefusedWrite(
        author: writes[0].author, collection: writes[0].table.name, record: writes[0].record,
        fields: values, code: ReplicaError.Code.notOwner.rawValue)
    ]
  }
}
