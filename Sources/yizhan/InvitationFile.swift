internal import Glibc
internal import Village
internal import Wording

/// An invitation on its way to a machine: the line itself, or a file on a stick that holds it.
enum InvitationFile {
  /// A line of text has some hundred bytes.
  private static let bytesMax = 1 << 16

  /// Writes the line to `path`, or into the folder that is there. Nobody else on this machine may read
  /// the file, since who holds the line can join; it is synced. Returns its path.
  static func write(_ invitation: Invitation, to path: String) throws -> String {
    let file = isFolder(path) ? "\(path)/\(name(of: invitation))" : path
    try SyncedFile.write(file, mode: 0o600) { put in
      try put(Array((invitation.text + "\n").utf8))
    }
    return file
  }

  private static func name(of invitation: Invitation) -> String {
    "invitation-\(invitation.code.segments.joined()).txt"
  }

  /// The invitation that people give as a line, or as the file that holds it.
  ///
  /// Throws `bad_invitation` if it is none.
  static func read(_ given: String) throws -> Invitation {
    guard !given.hasPrefix(Invitation.prefix), let text = try content(of: given) else {
      return try Invitation(given)
    }
    return try Invitation(text)
  }

  /// Nil if there is no such file, so that what was given is a line that lacks its beginning.
  private static func content(of path: String) throws -> String? {
    guard access(path, F_OK) == 0 else { return nil }
    guard !isFolder(path), let file = fopen(path, "r") else {
      throw VillageError(
        .badInvitation, "no invitation can be read from \(path)",
        hint: "give the line, or the file that `yizhan hub invite --to` wrote")
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: bytesMax)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
