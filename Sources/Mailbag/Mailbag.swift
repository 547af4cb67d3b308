internal import Village
internal import Wording

/// A folder on a stick with bundles for and from many stations (design 1).
///
/// A bundle's file is named `READER-SENDER-NUMBER.yz`, codes of places without their dots, so that a
/// courier can see where it goes; short, lower case, digits: safe on FAT. The name is only a
/// label: whom a bundle is for is what its manifest says.
package struct Mailbag: Sendable {
  package static let suffix = ".yz"
  static let temporarySuffix = ".tmp"
  /// FAT cannot hold a larger file.
  static let fileBytesMax: UInt64 = (4 << 30) - (1 << 20)

  package let folder: String
  /// Told of each file that is in its place, before it is read back: here tests do what bad sticks
  /// do.
  var placed: @Sendable (String) -> Void = { _ in }
  let files: any FileSystem

  package init(_ folder: String) { self.init(folder, on: SystemFiles()) }

  /// On a file system that is not the machine's.
  package init(_ folder: String, on files: any FileSystem) {
    self.folder = folder
    self.files = files
  }

  func path(_ name: String) -> String { folder + "/" + name }

  /// A code in a file's name: digits alone where they can be told apart again.
  static func label(_ code: PlaceCode) -> String {
    let digits = code.segments.joined()
    return PlaceCode(digits) == code ? digits : code.segments.joined(separator: "_")
  }

  static func name(to reader: String, from sender: String, part: Int) -> String {
    "\(reader)-\(sender)-\(part)\(suffix)"
  }

  /// The names of files that may be bundles, sorted.
  package func bundleNames() throws -> [String] {
    guard files.isFolder(folder) else {
      throw MailbagError(
        .stickMissing, "there is no folder \(folder)",
        hint: "check that the stick is plugged in and the folder exists")
    }
    return try files.names(in: folder).filter { $0.hasSuffix(Self.suffix) && !$0.hasPrefix(".") }
  }

  /// Removes what a pulled stick left half-written or half-removed, for good, before anything is written.
  ///
  /// On FAT an entry may outlive the clusters that it names, and a file that was being renamed may be
  /// there under both names. Whoever removes such an entry when others have been given its clusters takes
  /// them from those. So all that is to go goes by a temporary name: with it goes what is left under the
  /// other, and no cluster is given anew before the folder is synced. What was pulled out between the
  /// renaming and the sync after it may be there with nothing in it.
  func sweep() throws {
    let names = try files.names(in: folder)
    let left = names.filter { $0.hasSuffix(Self.suffix + Self.temporarySuffix) }
    for name in left {
      try files.remove(path(name))
      let whole = String(name.dropLast(Self.temporarySuffix.count))
      if names.contains(whole) { try files.remove(path(whole)) }
    }
    if !left.isEmpty { try files.syncFolder(folder) }
    try remove(bundleNames().filter { Self.parties(label: $0) != nil && isEmpty($0) })
  }

  private func isEmpty(_ name: String) -> Bool {
    (try? files.isFile(path(name)) && files.size(path(name)) == 0) ?? false
  }

  /// Removes files for good: see `sweep`.
  func remove(_ names: [String]) throws {
    guard !names.isEmpty else { return }
    for name in names { try files.rename(path(name), path(name) + Self.temporarySuffix) }
    try files.syncFolder(folder)
    for name in names { try files.remove(path(name) + Self.temporarySuffix) }
    try files.syncFolder(folder)
  }

  /// The first name of a bundle that no file has: none is ever put in the place of another.
  func freeName(to reader: String, from sender: String) throws -> String {
    let names = Set(try files.names(in: folder))
    var part = 1
    while names.contains(Self.name(to: reader, from: sender, part: part)) { part += 1 }
    return Self.name(to: reader, from: sender, part: part)
  }
}
