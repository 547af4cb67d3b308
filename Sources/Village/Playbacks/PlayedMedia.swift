internal import Replica

/// What a player tells of the file that it plays.
package struct PlayedMedia: Equatable, Sendable {
  /// A path or an address.
  package let path: String
  /// The title that the file itself has, if any.
  package let title: String?

  package init(path: String, title: String?) {
    self.path = path
    self.title = title
  }

  /// The name of the file without folders and ending: `/media/usb/P00012.mp4` is `P00012`.
  var stem: String {
    let isAddress = path.contains("://")
    let plain = isAddress ? String(path.prefix { $0 != "?" && $0 != "#" }) : path
    let name = plain.split(separator: "/").last.map(String.init) ?? plain
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }

  /// Whether it came over a network, which may fail as a disk does not.
  package var isRemote: Bool {
    path.contains("://") && !path.lowercased().hasPrefix("file:")
  }

  /// Which programme it is: by the name of the file if the catalogue knows that as a code, else by
  /// the title if exactly one programme has it. What the catalogue does not know is logged under the
  /// name of the file, with the title that the file has.
  func programme(_ store: Store) throws -> (code: String, title: String?) {
    let stem = CellText.trimmed(self.stem)
    let known = try Programmes.byCode(store)
    if let programme = known[stem] { return (stem, programme.title) }
    let own = title.map(CellText.trimmed)
    if let own, !own.isEmpty {
      // order: only whether there is exactly one.
      let named = known.values.filter { $0.title == own }
      if named.count == 1, let programme = named.first { return (programme.code, own) }
    }
    // Without a title of its own a player shows the name of the file.
    let isName = own == nil || own == "" || own == stem || path.hasSuffix("/\(own ?? "")")
    let code = stem.isEmpty ? CellText.trimmed(path) : stem
    return (code.isEmpty ? "?" : code, isName || own == path ? nil : own)
  }
}
