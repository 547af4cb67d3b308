internal import Village
internal import Wording

/// A folder on a stick with bundles for and from many stations (design 1).
///
/// A bundle's file is named `READER-SENDER-PART.yz`, codes of places without their dots, so that a
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

  /// Removes what a pulled stick left half-written.
  func sweep() throws {
    for name in try files.names(in: folder)
    where name.hasSuffix(Self.suffix + Self.temporarySuffix) {
      try files.remove(path(name))
    }
  }
}
