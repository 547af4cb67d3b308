/// What a replica keeps for itself, by kind and key: a playback under way, what its keeper has seen.
/// It is as durable as any other write and never travels: no vector, chain, digest or dump knows
/// of it. Backups have it. Bytes are in a form of the owner's own.
extension Store {
  package struct Keepsake: Equatable, Sendable {
    package let key: String
    package let bytes: [UInt8]
  }

  /// All of a kind, in the order of their keys' bytes.
  package func keepsakes(_ kind: String) throws(ReplicaError) -> [Keepsake] {
    let select = try literal("SELECT key, bytes FROM keepsake WHERE kind = ? ORDER BY key")
    select.bind(1, copying: kind)
    var keepsakes: [Keepsake] = []
    try select.eachRow {
      keepsakes.append(Keepsake(key: $0.text(0), bytes: Array($0.bytes(1))))
    }
    return keepsakes
  }

  /// Nil if there is none.
  package func keepsake(_ kind: String, _ key: String) throws(ReplicaError) -> [UInt8]? {
    let select = try literal("SELECT bytes FROM keepsake WHERE kind = ? AND key = ?")
    select.bind(1, copying: kind)
    select.bind(2, copying: key)
    defer { select.reset() }
    return try select.step() ? Array(select.bytes(0)) : nil
  }

  /// Keeps these bytes, in the place of what was kept under the key.
  package func keep(_ bytes: [UInt8], _ kind: String, _ key: String) throws(ReplicaError) {
    let upsert = try literal("INSERT OR REPLACE INTO keepsake VALUES (?, ?, ?)")
    upsert.bind(1, copying: kind)
    upsert.bind(2, copying: key)
    upsert.bind(3, copying: bytes)
    try upsert.run()
  }

  /// Keeps nothing more under the key.
  package func discardKeepsake(_ kind: String, _ key: String) throws(ReplicaError) {
    let delete = try literal("DELETE FROM keepsake WHERE kind = ? AND key = ?")
    delete.bind(1, copying: kind)
    delete.bind(2, copying: key)
    try delete.run()
  }
}
