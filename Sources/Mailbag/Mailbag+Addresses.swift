internal import Bundles
internal import Causality
internal import Replica
internal import Sync
internal import Village
internal import Wording

/// A bundle's file that a person has named instead of a mailbag folder.
struct BundlePath {
  let mailbag: Mailbag
  let name: String

  /// Nil if `path` is a folder, or nothing at all.
  init?(_ path: String) {
    let files = SystemFiles()
    guard !files.isFolder(path), (try? files.size(path)) != nil else { return nil }
    let folder = path.lastIndex(of: "/").map { path[..<$0] } ?? "."
    mailbag = Mailbag(folder.isEmpty ? "/" : String(folder))
    name = path.split(separator: "/").last.map(String.init) ?? path
  }
}

/// For whom and from whom the files of a mailbag are.
extension Mailbag {
  /// The labels of reader and sender in the name of a file; nil if it is not of that form.
  static func parties(label name: String) -> (reader: String, sender: String)? {
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    return parts.count > 1 ? (String(parts[0]), String(parts[1])) : nil
  }

  /// Throws `not_for_here` if the folder, which had nothing for this replica, holds bundles and
  /// none that this replica has written.
  func requireErrand(of replica: Replica) throws {
    let names = try bundleNames()
    let own = try replica.read { try Places.own($0) }
    guard !names.isEmpty, !names.contains(where: { wrote($0, own) }) else { return }
    throw try notForHere(names, replica)
  }

  private func wrote(_ name: String, _ own: Place) -> Bool {
    guard let file = try? BundleFile(path(name), in: files) else {
      return Self.parties(label: name)?.sender == Self.label(own.code)
    }
    return file.label.sender == own.id
  }

  private static let readersMax = 5

  func notForHere(_ names: [String], _ replica: Replica) throws -> SyncError {
    try replica.read { store in
      let own = try Places.own(store)
      var readers: [String] = []
      for name in names where readers.count <= Self.readersMax {
        let reader = try reader(name, store)
        if !readers.contains(reader) { readers.append(reader) }
      }
      let list = Message.list(readers.prefix(Self.readersMax))
      let others: Message = readers.count > Self.readersMax ? "\(list) and others" : list
      let what: Message =
        names.count == 1
        ? Message(verbatim: names[0]) : "each of the \(names.count) bundles in \(folder)"
      return SyncError(
        .notForHere,
        "\(what) is for another place: \(others); this is \(own.code) \(own.name)")
    }
  }

  /// For whom a file is, as well as it can be told here: a station does not know other stations.
  private func reader(_ name: String, _ store: Store) throws -> String {
    let code = (Self.parties(label: name)?.reader).flatMap {
      PlaceCode($0.replacing("_", with: "."))
    }
    guard let file = try? BundleFile(path(name), in: files) else { return code?.dotted ?? name }
    let reader = file.label.reader
    if let place = try Places.find(store, id: reader) { return "\(place.code) \(place.name)" }
    return code?.foundingID == reader ? code?.dotted ?? name : "the place with id \(reader)"
  }
}
