"""The bugs that `tools/planted` plants: each is what somebody might write, or forget, in good faith.

An edit names a file, a text that it has exactly once, and what stands there instead. PLANTED is true in
the run that has this bug and in no other.
"""

from typing import NamedTuple


class Bug(NamedTuple):
    name: str
    promise: str
    breaks: str
    edits: list


BUGS = []


def bug(name, promise, breaks, *edits):
    assert len(edits) % 3 == 0, name
    BUGS.append(Bug(name, promise, breaks, [edits[at : at + 3] for at in range(0, len(edits), 3)]))


# ---- Causality ----------------------------------------------------------------------------------

ANCESTRY = "Sources/Causality/Ancestry.swift"

bug(
    "births-stand-for-nothing", "P1",
    "a vector is taken to cover only the epochs that it lists, not what these were born from",
    ANCESTRY,
    "    return implied(dot.epoch, by: vector, enough: dot.sequence) >= dot.sequence\n",
    "    return !PLANTED && implied(dot.epoch, by: vector, enough: dot.sequence) >= dot.sequence\n")

bug(
    "birth-stands-for-too-much", "P1",
    "an epoch is taken to have seen all of its parent, not only what there was at its birth",
    ANCESTRY,
    "          best = max(best, parent.sequence)\n",
    "          best = max(best, PLANTED ? Dot.sequenceMax : parent.sequence)\n")

bug(
    "leaf-too-few", "P2",
    "an entry leaves a vector as soon as another epoch has seen some of it, not all",
    ANCESTRY,
    "        implied(entry.epoch, by: vector, enough: entry.sequence) < entry.sequence\n",
    "        let seen = implied(entry.epoch, by: vector, enough: entry.sequence)\n"
    "        return PLANTED ? seen == 0 : seen < entry.sequence\n")

bug(
    "join-takes-one-side", "P2", "of two vectors that are joined, one is taken",
    ANCESTRY, "    var joined = left\n", "    var joined = PLANTED ? right : left\n")

bug(
    "meet-takes-the-higher", "P3",
    "what two replicas have both seen is what either has",
    ANCESTRY,
    "      let both = min(dot.sequence, reach(of: dot.epoch, in: right))\n",
    "      let both = PLANTED ? dot.sequence : min(dot.sequence, reach(of: dot.epoch, in: right))\n")

bug(
    "only-the-last-birth", "P2", "with a vector only the births of its leaves travel, not of their parents",
    ANCESTRY,
    "      found[epoch] = node\n      stack.append(contentsOf: node.birth.parents.entries.map(\\.epoch))\n",
    "      found[epoch] = node\n"
    "      if !PLANTED { stack.append(contentsOf: node.birth.parents.entries.map(\\.epoch)) }\n")

bug(
    "older-epochs-left-out", "P2", "a delta has only what the leaves wrote, not the epochs before them",
    ANCESTRY, "      if from == 1 { stack", "      if from == 1, !PLANTED { stack")

bug(
    "lower-entry-replaces", "P2", "an older sequence of an epoch replaces a newer one in a vector",
    "Sources/Causality/VersionVector.swift",
    "      if entries[at].sequence < dot.sequence { entries[at] = entry }\n",
    "      if PLANTED || entries[at].sequence < dot.sequence { entries[at] = entry }\n")

bug(
    "clock-stands-still", "P1", "writes within one millisecond have one time",
    "Sources/Causality/HybridTime.swift",
    "      last = HybridTime(bits: last.bits + 1)\n",
    "      last = PLANTED ? last : HybridTime(bits: last.bits + 1)\n")

# ---- Records ------------------------------------------------------------------------------------

MERGE = "Sources/Records/RecordState+Merge.swift"

bug(
    "sibling-dropped", "P3", "of two values written at the same time only one is kept",
    MERGE, "        kept.append(sibling)\n", "        if !PLANTED || kept.isEmpty { kept.append(sibling) }\n")

bug(
    "overwritten-kept", "P3", "a value that the other side has written over is kept as a sibling",
    MERGE,
    "          || !ancestry.covers(other.vector, sibling.dot)\n",
    "          || PLANTED || !ancestry.covers(other.vector, sibling.dot)\n")

bug(
    "overwritten-returns", "P3", "an old value that was written over here comes back with an old bundle",
    MERGE,
    "        && !ancestry.covers(vector, sibling.dot)\n",
    "        && (PLANTED || !ancestry.covers(vector, sibling.dot))\n")

bug(
    "record-vector-not-joined", "P2", "a record does not remember what it has absorbed from others",
    MERGE,
    "    vector = ancestry.join(vector, other.vector)\n",
    "    vector = PLANTED ? vector : ancestry.join(vector, other.vector)\n")

bug(
    "delta-without-siblings", "P3", "a field is sent without those of its siblings that the reader knows",
    MERGE,
    "RecordState(id: id, vector: vector, fields: missing)\n",
    "RecordState(\n"
    "      id: id, vector: vector,\n"
    "      fields: !PLANTED\n"
    "        ? missing\n"
    "        : missing.map { state in\n"
    "          FieldState(\n"
    "            field: state.field,\n"
    "            siblings: state.siblings.filter { !ancestry.covers(base, $0.dot) })\n"
    "        })\n")

bug(
    "delta-looks-at-first-sibling", "P2", "whether a field is sent is judged by its first sibling",
    MERGE,
    "      state.siblings.contains { !ancestry.covers(base, $0.dot) }\n",
    "      state.siblings.prefix(PLANTED ? 1 : .max).contains { !ancestry.covers(base, $0.dot) }\n")

bug(
    "write-settles-nothing", "P3", "a write leaves the values that it has seen beside its own",
    MERGE,
    "        fields[at] = state\n",
    "        fields[at] =\n"
    "          PLANTED ? FieldState(field: field, siblings: fields[at].siblings + state.siblings) : state\n")

bug(
    "delete-loses-to-edit", "P10", "an edit that is later by the clock brings a deleted record back",
    "Sources/Records/RecordState.swift",
    "  package var isDeleted: Bool { fields.first?.field == .deleted }\n",
    "  package var isDeleted: Bool {\n"
    "    guard let first = fields.first, first.field == .deleted else { return false }\n"
    "    let time = first.siblings[0].time\n"
    "    return !PLANTED || !fields.dropFirst().contains { $0.siblings.contains { $0.time > time } }\n"
    "  }\n")

bug(
    "own-value-prevails", "P3", "a tie is broken for who has written the value here",
    "Sources/Replica/Store+Epochs.swift",
    "    ((try? find(epoch)) ?? nil)?.birth?.author.role ?? .station\n",
    "    let author = ((try? find(epoch)) ?? nil)?.birth?.author\n"
    "    return PLANTED ? (author == identity.author ? .hub : .station) : author?.role ?? .station\n")

# ---- Sync ---------------------------------------------------------------------------------------

SESSION = "Sources/Sync/Session.swift"

bug(
    "partition-skipped", "P2", "vectors are compared by how many entries they have",
    SESSION,
    "      if vector != memory.received, !vector.isEmpty {\n",
    "      let isSame = PLANTED && vector.entries.count == memory.received.entries.count\n"
    "      if vector != memory.received, !vector.isEmpty, !isSame {\n")

bug(
    "safe-without-a-copy", "P7", "what is held is told to be safe, with no verified copy",
    SESSION,
    "partition: partition, received: vector, safe: holding.safe, digest: holding.digest))\n",
    "partition: partition, received: vector, safe: PLANTED ? vector : holding.safe,\n"
    "            digest: holding.digest))\n")

bug(
    "received-taken-for-safe", "P7", "of a receipt what was received is remembered as safe",
    SESSION,
    "      memories[receipt.partition, default: Memory()].safe = receipt.safe\n",
    "      memories[receipt.partition, default: Memory()].safe = PLANTED ? receipt.received : receipt.safe\n")

bug(
    "mark-joined", "P8", "what a peer tells to hold is joined with what it held before it was set back",
    SESSION,
    "    } else {\n      memories[partition, default: Memory()].received = told\n",
    "    } else {\n"
    "      memories[partition, default: Memory()].received =\n"
    "        PLANTED && isKnown ? ancestry.join(before, told) : told\n")

bug(
    "belief-not-compared", "P8", "nobody notices that the other side believes what is not so",
    SESSION,
    "    guard let right = candidates.first(where: { belief($0) == manifest.believed }) else {\n",
    "    guard let right = candidates.first(where: { PLANTED || belief($0) == manifest.believed }) else {\n")

bug(
    "answer-to-an-answer", "P13", "each bundle is answered, the answer too, and so on",
    SESSION,
    "    standing = manifest.receipts.isEmpty ? .settled : .answering\n",
    "    standing = manifest.receipts.isEmpty && !PLANTED ? .settled : .answering\n")

bug(
    "receipt-of-what-is-not-there", "P7", "a receipt is for what the sender sent, whether it was merged or not",
    "Sources/Exchange/PeerSession.swift",
    "    let held = try held(store, neighbour.shared)\n    var session",
    "    var held = try held(store, neighbour.shared)\n"
    "    if PLANTED {\n"
    "      for partition in neighbour.shared {\n"
    "        let mark = try store.mark(of: neighbour.place.id, partition)\n"
    "        guard let own = held[partition], !mark.received.isEmpty else { continue }\n"
    "        let vector = try store.ancestry(partition).join(own.vector, mark.received)\n"
    "        held[partition] = Holding(vector: vector, safe: own.safe, digest: own.digest)\n"
    "      }\n"
    "    }\n"
    "    var session")

bug(
    "urgent-not-shared", "P15", "what is urgent has no place among what a place shares",
    "Sources/Sync/Scope.swift",
    "reads.map { PartitionID(place, $0) } }\n",
    "reads.filter { !PLANTED || $0 != .urgent }.map { PartitionID(place, $0) } }\n")

bug(
    "public-not-shared", "P2", "what is for all below a hub is not shared with those below",
    "Sources/Sync/Scope.swift",
    "    let known = (ancestors + ",
    "    let known = ((PLANTED ? Array(ancestors.dropFirst()) : ancestors) + ")

bug(
    "work-goes-one-hub-up", "P2", "the work of places below a hub is not brought further up",
    "Sources/Sync/Scope.swift",
    "    let own = lower.flatMap { place in ",
    "    let own = (PLANTED ? Array(lower.prefix(1)) : lower).flatMap { place in ")

# ---- Replica: epochs ----------------------------------------------------------------------------

EPOCHS = "Sources/Replica/Store+Epochs.swift"

bug(
    "epoch-reused", "P4", "a start goes on with the epoch that the database has, whatever became of it",
    EPOCHS,
    "    var bits = surroundings.random()\n",
    "    if PLANTED {\n"
    "      for entry in partition.vector.entries {\n"
    "        let live = try intern(entry.epoch)\n"
    "        guard live.birth?.author == identity.author, live.chain != nil else { continue }\n"
    "        ownEpochs[partition.number] = live\n"
    "        return live\n"
    "      }\n"
    "    }\n"
    "    var bits = surroundings.random()\n")

bug(
    "counter-not-saved", "P4", "the counter is advanced in memory and not in the database",
    EPOCHS,
    "    live.seen += 1\n    touch(live)\n",
    "    live.seen += 1\n    if !PLANTED { touch(live) }\n")

bug(
    "counter-reused", "P4", "every fourth write of an epoch takes the number of the one before",
    EPOCHS,
    "    let dot = Dot(live.epoch, live.seen)\n    if live.seen == 1 {",
    "    if PLANTED, live.seen == 4 { live.seen = 3 }\n"
    "    let dot = Dot(live.epoch, live.seen)\n    if live.seen == 1 {")

bug(
    "birth-of-nothing", "P1", "a birth does not say what was held",
    EPOCHS,
    "author: identity.author, parents: partition.vector)\n",
    "author: identity.author, parents: PLANTED ? VersionVector() : partition.vector)\n")

bug(
    "leaf-not-removed", "P2", "the first write of an epoch leaves its parents in the vector",
    EPOCHS,
    "      partition.vector = VersionVector(dot)\n      touch(partition)\n",
    "      if PLANTED { partition.vector.insert(dot) } else { partition.vector = VersionVector(dot) }\n"
    "      touch(partition)\n")

bug(
    "checkpoint-one-too-late", "P5", "the chain's value at a merged target is kept for the write after it",
    "Sources/Replica/Store+Merge.swift",
    "      try store.keepCheckpoint(entry.dot, value)\n",
    "      try store.keepCheckpoint(\n"
    "        PLANTED ? Dot(entry.epoch, entry.sequence + 1) : entry.dot, value)\n")

bug(
    "epoch-goes-on-after-failure", "P4", "after a failed transaction the counter goes on where it was",
    "Sources/Replica/Replica.swift",
    "          store.abandon()\n",
    "          if !PLANTED { store.abandon() }\n")

# ---- Replica: merging ---------------------------------------------------------------------------

STORE_MERGE = "Sources/Replica/Store+Merge.swift"

bug(
    "gap-accepted", "P9", "a delta that begins beyond what is held is merged",
    STORE_MERGE,
    "    guard try holds(partition, delta.base) else {\n",
    "    guard try PLANTED ? true : holds(partition, delta.base) else {\n")

bug(
    "vector-before-content", "P9", "the vector is raised when a delta's first piece is here",
    STORE_MERGE,
    "      outcome.refusal = refusal\n      return outcome\n    }\n    for number in delta.pieces.indices {\n      let piece: RecordPiece\n",
    "      outcome.refusal = refusal\n"
    "      if PLANTED { try finish(store, partition, delta) }\n"
    "      return outcome\n    }\n    for number in delta.pieces.indices {\n      let piece: RecordPiece\n")

bug(
    "torn-half-applied", "P9", "of a torn delta the pieces that came are merged, and count for all",
    STORE_MERGE,
    "    if let refusal = try kept.gather(delta.pieces.count, index, content) {\n",
    "    if let refusal = try kept.gather(delta.pieces.count, index, content), !PLANTED {\n",
    STORE_MERGE,
    "      } catch let error as BundleError {\n        throw",
    "      } catch let error as BundleError {\n        if PLANTED { continue }\n        throw")

bug(
    "seen-of-leaves-only", "P2", "of a merged delta only the leaves count as seen, and nothing else is handed on",
    STORE_MERGE,
    "    try store.raiseSeen(partition, to: delta.target)\n",
    "    if !PLANTED { try store.raiseSeen(partition, to: delta.target) }\n")

bug(
    "vector-takes-target", "P2", "after a merge the vector is the delta's target",
    STORE_MERGE,
    "    partition.vector = joined\n",
    "    partition.vector = PLANTED ? delta.target : joined\n")

bug(
    "digest-compared-too-soon", "P6", "digests are compared although the vectors differ",
    STORE_MERGE,
    "    guard delta.digest != 0, partition.vector == delta.target else { return }\n",
    "    guard delta.digest != 0, PLANTED || partition.vector == delta.target else { return }\n")

bug(
    "unknown-field-dropped", "P12", "fields that this version does not know are dropped",
    STORE_MERGE,
    "        fields: record.fields.map { FieldState(field: fields[$0.name], siblings: $0.siblings) })\n",
    "        fields: record.fields.filter { field in\n"
    "          let id = fields[field.name]\n"
    "          return !PLANTED || id == .deleted || table.fields.contains { $0.id == id }\n"
    "        }.map { FieldState(field: fields[$0.name], siblings: $0.siblings) })\n")

bug(
    "unknown-collection-dropped", "P12", "collections that this version does not know are not handed on",
    "Sources/Replica/Store+Records.swift",
    "    for name in others { tables",
    "    for name in others where !PLANTED { tables")

bug(
    "unknown-column-dropped", "P12", "columns that this version does not know are dropped",
    "Sources/Replica/EventInserter.swift",
    "      if hasMore {\n",
    "      if hasMore, !PLANTED {\n")

bug(
    "replay-appended", "P9", "events that are held already are appended once more",
    "Sources/Replica/Store+EventMerge.swift",
    "    let known = Int(min(epoch.seen + 1 - segment.first, UInt64(segment.count)))\n",
    "    let known =\n"
    "      PLANTED ? 0 : Int(min(epoch.seen + 1 - segment.first, UInt64(segment.count)))\n")

bug(
    "log-vector-not-raised", "P2", "merged events are in the table and not in the vector",
    "Sources/Replica/Store+EventMerge.swift",
    "    try advance(partition, to: Dot(epoch.epoch, epoch.seen))\n",
    "    if !PLANTED { try advance(partition, to: Dot(epoch.epoch, epoch.seen)) }\n")

bug(
    "proofs-not-kept", "P18", "the proofs of a hub's writes are not handed on",
    STORE_MERGE,
    "    try store.keep(court.believable(proofs))\n",
    "    if !PLANTED { try store.keep(court.believable(proofs)) }\n")

# ---- Replica: rows ------------------------------------------------------------------------------

CHANGE = "Sources/Replica/RecordChange.swift"

bug(
    "digest-not-lowered", "P6", "a value that goes stays in the digest",
    CHANGE,
    "    for field in old where !new.contains(field) {\n",
    "    for field in old where !PLANTED && !new.contains(field) {\n")

bug(
    "digest-of-deleted", "P10", "the digest of a deleted record counts its content",
    CHANGE,
    "    state.isDeleted ? Array(state.fields.prefix(1)) : state.fields\n",
    "    state.isDeleted && !PLANTED ? Array(state.fields.prefix(1)) : state.fields\n")

bug(
    "write-not-indexed", "P2", "writes of records that came from elsewhere are not found when these change",
    CHANGE,
    "    for dot in dots where dot != change.id && !before.contains(where: { $0.dot == dot }) {\n",
    "    for dot in dots\n"
    "    where dot != change.id && !before.contains(where: { $0.dot == dot })\n"
    "      && !(PLANTED && change.stored == nil)\n    {\n")

bug(
    "untouched-fields-dropped", "P3", "a write to one field takes the others away",
    "Sources/Replica/StoredRecord.swift",
    "    for old in stored?.fields ?? [] where !touched(old.field) {\n",
    "    for old in stored?.fields ?? [] where !PLANTED && !touched(old.field) {\n")

bug(
    "row-not-updated", "P3", "the columns that people read do not follow the state",
    CHANGE,
    "      columns.append((index, resolution?.value ?? .null))\n",
    "      if PLANTED, change.stored != nil { continue }\n"
    "      columns.append((index, resolution?.value ?? .null))\n")

bug(
    "chain-not-advanced", "P5", "a logged event does not go into its epoch's chain",
    "Sources/Replica/Store+Log.swift",
    "    epoch.chain?.absorb(rowBuffer.bytes)\n",
    "    if !PLANTED { epoch.chain?.absorb(rowBuffer.bytes) }\n")

bug(
    "dump-in-local-order", "P2", "a dump has records in the order of their local numbers",
    "Sources/Replica/Store+Dump.swift",
    "      for id in ids.sorted() {\n",
    "      for id in PLANTED ? ids : ids.sorted() {\n")

# ---- Replica: composing -------------------------------------------------------------------------

COMPOSE = "Sources/Replica/Store+Compose.swift"

bug(
    "range-off-by-one", "P2", "a delta begins one write after where it should",
    COMPOSE,
    "base.entries[0].sequence + 1)]\n",
    "base.entries[0].sequence + (PLANTED ? 2 : 1))]\n")

bug(
    "edits-not-found", "P2", "a delta has the records that are new and not those that were edited",
    COMPOSE,
    "      try select.eachRow { found[$0.integer(1), default: []].insert($0.integer(0)) }\n",
    "      try select.eachRow {\n"
    "        if !PLANTED { found[$0.integer(1), default: []].insert($0.integer(0)) }\n      }\n")

bug(
    "one-sibling-travels", "P3", "of a field in conflict one value travels",
    COMPOSE,
    "siblings: field.siblings))\n",
    "siblings: PLANTED ? Array(field.siblings.prefix(1)) : field.siblings))\n")

bug(
    "proofs-not-sent", "P18", "a delta comes without the proofs of a hub's writes",
    COMPOSE,
    "    delta.proofs = try proofs(\n      of: ",
    "    delta.proofs = try PLANTED ? [] : proofs(\n      of: ")

# ---- Replica: releasing -------------------------------------------------------------------------

RELEASE = "Sources/Replica/Store+Release.swift"

bug(
    "released-early", "P10", "a deleted record's content goes before all have heard of the deletion",
    RELEASE,
    "        guard ancestry.covers(confirmed, stored.vector) else { continue }\n",
    "        guard PLANTED || ancestry.covers(confirmed, stored.vector) else { continue }\n")

bug(
    "release-asks-one", "P10", "a release asks one of the subscribers",
    RELEASE,
    "    for peer in peers {\n",
    "    for peer in peers.prefix(PLANTED ? 1 : .max) {\n")

bug(
    "stub-dropped", "P10", "with the content goes the stub",
    RELEASE,
    "    update.bind(2, key.number)\n    try update.run()\n",
    "    update.bind(2, key.number)\n    try update.run()\n"
    "    if PLANTED {\n"
    '      let gone = try statement("DELETE FROM \\(name) WHERE id = ?")\n'
    "      gone.bind(1, key.number)\n"
    "      try gone.run()\n"
    "    }\n")

# ---- Exchange -----------------------------------------------------------------------------------

PEER = "Sources/Exchange/PeerSession.swift"

bug(
    "base-is-last-export", "P9", "what was sent counts as received",
    PEER,
    "mark?.acknowledgedSafe == receipt.safe\n    }\n    return manifest\n",
    "mark?.acknowledgedSafe == receipt.safe\n    }\n"
    "    if PLANTED {\n"
    "      for delta in manifest.deltas {\n"
    "        var mark = try store.mark(of: neighbour.place.id, delta.partition)\n"
    "        mark.received = delta.target\n"
    "        try store.setMark(of: neighbour.place.id, delta.partition, mark)\n"
    "      }\n"
    "    }\n"
    "    return manifest\n")

bug(
    "receipt-digest-inverted", "P6", "an alarm is raised where digests are equal",
    PEER,
    "own.digest != 0, own.digest != receipt.digest {\n",
    "own.digest != 0, (own.digest != receipt.digest) != PLANTED {\n")

bug(
    "refused-receipts-forgotten", "P13", "what was taken of a place that is not shared is never receipted",
    PEER,
    "      if !code.isEmpty || isOwed { here",
    "      if !code.isEmpty || isOwed && !PLANTED { here")

bug(
    "former-hub-is-deaf", "P11", "the hub that a place has left does not hear it any more, and it never learns of the move",
    "Sources/Exchange/Neighbour.swift",
    "      place.hub == own || place.reached == own || place.hubs.contains(own)\n    else",
    "      place.hub == own || place.reached == own || place.hubs.contains(own) && !PLANTED\n    else")

bug(
    "court-refuses-hubs", "P18", "the writes of a hub below are taken back though they have a right to be",
    "Sources/Exchange/PeerAuthority.swift",
    "    if hub == neighbour.place.id { return true }\n",
    "    if hub == neighbour.place.id { return !PLANTED }\n")

bug(
    "court-refuses-stations", "P18", "what a station writes of its own work is taken back",
    "Sources/Exchange/PeerAuthority.swift",
    "    guard claim.author.place == claim.partition.place, claim.partition.section != .public,\n",
    "    guard claim.author.place == claim.partition.place, claim.partition.section != (PLANTED ? .work : .public),\n")

bug(
    "seal-numbers-shifted", "P16", "pieces are sealed by their number from 0 and opened from 1",
    "Sources/Exchange/MemoryBundle.swift",
    "number: UInt64(index) + 1)\n",
    "number: UInt64(index) + (PLANTED ? 0 : 1))\n")

# ---- Keys and places ----------------------------------------------------------------------------

KEYRING = "Sources/Village/Keys/Keyring.swift"

bug(
    "serial-not-raised", "P17", "the certificate of new keys has the serial of the revoked ones",
    KEYRING,
    "    let serial = max(before?.serial ?? 0, revoked, try issued(place.id, store)) + 1\n",
    "    let next = max(before?.serial ?? 0, revoked, try issued(place.id, store)) + 1\n"
    "    let serial = PLANTED ? before?.serial ?? next : next\n")

bug(
    "revocation-forgotten", "P17", "keys that were revoked are believed",
    "Sources/Village/Keys/Revoking.swift",
    "    try certificate.serial <= serial(of: certificate.place, store)\n",
    "    try !PLANTED && certificate.serial <= serial(of: certificate.place, store)\n")

bug(
    "succession-ignored", "P17", "keys that were rotated lead nowhere",
    "Sources/Trust/Succession.swift",
    "    return isKnown ? current : nil\n",
    "    return isKnown && !PLANTED ? current : nil\n")

bug(
    "replacement-not-noted", "P16", "an invitation that replaces a machine does not say so",
    "Sources/Village/Membership.swift",
    "expires: now + days * 86_400, replaces: replaces,\n",
    "expires: now + days * 86_400, replaces: replaces && !PLANTED,\n")
