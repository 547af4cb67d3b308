package import Causality

/// The merge rule, for one field, of what A holds against what B holds:
///
///     value     | B holds it | B's vector covers it | B's vector does not
///     ----------|------------|----------------------|--------------------
///     A holds   | keep       | drop: B superseded it| keep: B never saw it
///     A lacks   | as A and B exchanged
///
/// A field that one side does not list is left as the other side has it. It commutes, is
/// associative and idempotent (P2) because each side's question is about sets of dots only.
extension RecordState {
  /// Merges another replica's state or delta of the same record.
  package mutating func merge(_ other: RecordState, in ancestry: Ancestry) {
    precondition(id == other.id, "P3: a record merges with itself only")
    for theirs in other.fields {
      let at = position(of: theirs.field)
      guard at < fields.count, fields[at].field == theirs.field else {
        let kept = theirs.siblings.filter { !ancestry.covers(vector, $0.dot) }
        if !kept.isEmpty {
          fields.insert(FieldState(field: theirs.field, siblings: kept), at: at)
        }
        continue
      }
      let mine = fields[at].siblings
      if mine == theirs.siblings { continue }
      var kept = mine.filter { sibling in
        theirs.siblings.contains { $0.dot == sibling.dot }
          || !ancestry.covers(other.vector, sibling.dot)
      }
      for sibling in theirs.siblings
      where !mine.contains(where: { $0.dot == sibling.dot })
        && !ancestry.covers(vector, sibling.dot)
      {
        kept.append(sibling)
      }
      if kept.isEmpty {
        fields.remove(at: at)
      } else {
        fields[at] = FieldState(field: theirs.field, siblings: kept)
      }
    }
    vector = ancestry.join(vector, other.vector)
  }

  /// What a replica that has seen `base` lacks of this record: a field is sent if any of its
  /// dots is uncovered, and then with its whole sibling set. Nil if it lacks nothing.
  package func delta(beyond base: VersionVector, in ancestry: Ancestry) -> RecordState? {
    let missing = fields.filter { state in
      state.siblings.contains { !ancestry.covers(base, $0.dot) }
    }
    if missing.isEmpty {
      // What was released beneath a deletion cannot be sent. That it was seen is told with the deletion.
      guard isDeleted, !ancestry.covers(base, vector) else { return nil }
      return RecordState(id: id, vector: vector, fields: Array(fields.prefix(1)))
    }
    return RecordState(id: id, vector: vector, fields: missing)
  }

  /// Writes fields here and now: each new value replaces all siblings of its field.
  package mutating func write(
    _ values: [(field: FieldID, value: Value)], at dot: Dot, time: HybridTime,
    in ancestry: Ancestry
  ) {
    for (field, value) in values {
      let at = position(of: field)
      let state = FieldState(
        field: field, siblings: [Sibling(dot: dot, time: time, value: value)])
      if at < fields.count, fields[at].field == field {
        fields[at] = state
      } else {
        fields.insert(state, at: at)
      }
    }
    vector = ancestry.join(vector, VersionVector(dot))
  }

  private func position(of field: FieldID) -> Int {
    fields.firstIndex { $0.field >= field } ?? fields.count
  }
}
