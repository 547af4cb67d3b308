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
  private var verdicts: [Question: Verdict] = [:]
  private var claims: [Write] = []
  private var refused: [Write] = []

  private struct Question: Hashable {
    let epoch: Int64
    let collection: Int64
    let field: FieldID
    let isDeleted: Bool
  }

  /// A value, and what there was before it.
  private struct Write {
    let author: Author
    let table: RecordTable
    let record: Dot
    let field: FieldID
    let sibling: Sibling
    let before: Value
    let isRecordNew: Bool
    var code = ReplicaError.Code.notOwner
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

  // MARK: Events

  /// Before events of an epoch are taken in. Events cannot be taken back, and a station may say of its own
  /// log what it likes: what it says this replica wrote stays, and people are told.
  func look(at epoch: LiveEpoch, _ author: Author) throws(ReplicaError) {
    let question = Question(epoch: epoch.number, collection: 0, field: .deleted, isDeleted: false)
    guard verdicts[question] == nil else { return }
    let verdict = try verdict(on: Claim(author, partition.id))
    verdicts[question] = verdict
    switch verdict {
    case .allowed, .notYet: return
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
      guard isAdded || field.siblings.count == old.count else { throw malformed(change.id) }
    }
    guard change.old.fields.allSatisfy({ !change.new[$0.field].isEmpty }) else {
      throw malformed(change.id)
    }
  }

  private func malformed(_ record: Dot) -> ReplicaError {
    ReplicaError(.deltaMalformed, "record \(record) is not what its writes make of it")
  }

  private func look(
    at sibling: Sibling, _ field: FieldID, _ change: RecordChange, _ table: RecordTable
  ) throws(ReplicaError) {
    guard let epoch = try store.find(sibling.dot.epoch), let author = epoch.birth?.author,
      // What was seen before is held already, or has been written over.
      sibling.dot.sequence > epoch.seen
    else { throw malformed(change.id) }
    let question = Question(
      epoch: epoch.number, collection: table.number, field: field, isDeleted: change.isDeleted)
    if verdicts[question] == nil {
      verdicts[question] = try verdict(
        on: Claim(
          author, partition.id, collection: table.name,
          field: try store.names.fieldName(field, of: table.number),
          isDeleted: change.isDeleted))
    }
    guard let verdict = verdicts[question], verdict != .allowed else { return }
    guard verdict != .notYet else {
      throw ReplicaError(.gap, "\(partition.id) has writes that must come from above first")
    }
    let rule = table.fields.first { $0.id == field }?.rule ?? .latest
    let write = Write(
      author: author, table: table, record: change.id, field: field, sibling: sibling,
      before: rule.resolve(change.old[field], role: store.role(of:))?.value ?? .null,
      isRecordNew: change.stored == nil)
    if verdict == .ifProven { claims.append(write) } else { refused.append(write) }
  }

  /// When all of the delta is stored. Returns what was taken back.
  ///
  /// Throws `not_owner` and `not_proven` where this replica may not write itself.
  func close(_ proofs: [Proof]) throws(ReplicaError) -> [RefusedWrite] {
    try settleClaims(proofs)
    guard let first = refused.first else { return [] }
    guard authority.mayAnswer(in: partition.id) else {
      throw ReplicaError(
        first.code,
        first.code == .notProven
          ? "\(partition.id): what is said to have been written here is not proven"
          : "\(partition.id) has writes of a place that has no right to it")
    }
    var order: [Dot] = []
    var records: [Dot: [Write]] = [:]
    for write in refused {
      if records[write.record] == nil { order.append(write.record) }
      records[write.record, default: []].append(write)
    }
    var answered: [RefusedWrite] = []
    for record in order {
      let writes = records[record] ?? []
      try takeBack(record, writes)
      answered += try told(writes)
    }
    return answered
  }

  private func settleClaims(_ proofs: [Proof]) throws(ReplicaError) {
    var open = claims
    for proof in proofs {
      let covered = open.filter { proof.covers($0.sibling.dot) }
      guard !covered.isEmpty else { continue }
      let present = try covered.map { write throws(ReplicaError) in
        ChainValue(
          hashing: Canonical.item(
            collection: write.table.name, id: write.record,
            field: try store.names.fieldName(write.field, of: write.table.number),
            sibling: write.sibling))
      }
      let isProven = store.proofKeys.contains {
        $0.confirms(proof, in: partition.id, present: present)
      }
      if isProven { open.removeAll { proof.covers($0.sibling.dot) } }
    }
    for var write in open {
      write.code = .notProven
      refused.append(write)
    }
  }

  /// A record that should not be is deleted, one that should be gets its values back, and one that was
  /// deleted is made anew: deletion is terminal.
  private func takeBack(_ record: Dot, _ writes: [Write]) throws(ReplicaError) {
    let table = writes[0].table
    let isDeleted = try store.stored(record, table)?.isDeleted ?? true
    if isDeleted {
      guard !writes[0].isRecordNew, writes.contains(where: { $0.field == .deleted }),
        let state = try store.state(record, table)
      else { return }
      let refusedDots = writes.map(\.sibling.dot)
      var values: [(name: String, value: Value)] = []
      for field in state.fields where field.field != .deleted {
        let rule = table.fields.first { $0.id == field.field }?.rule ?? .latest
        let kept = field.siblings.filter { !refusedDots.contains($0.dot) }
        guard let shown = rule.resolve(kept, role: store.role(of:)) else { continue }
        values.append((try store.names.fieldName(field.field, of: table.number), shown.value))
      }
      return try store.answer(table.name, partition, record: nil, values)
    }
    if writes[0].isRecordNew, writes.contains(where: { $0.sibling.dot == record }) {
      return try store.answer(
        table.name, partition, record: record, [(RecordFieldName.deletion, .null)])
    }
    var values: [(name: String, value: Value)] = []
    for write in writes {
      let name = try store.names.fieldName(write.field, of: table.number)
      if !values.contains(where: { $0.name == name }) { values.append((name, write.before)) }
    }
    try store.answer(table.name, partition, record: record, values)
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
        fields: values, code: writes[0].code.rawValue)
    ]
  }
}
