package import Bundles
package import Causality
package import Replica
internal import Wording

/// The folder for bundles that were refused, until somebody has looked into them. Each file has its reason
/// beside it, in `NAME.why`.
package struct Aside: Sendable {
  private let folder: String
  private let files = SystemFiles()

  package init(_ folder: String) { self.folder = folder }

  /// More are not kept: who sends what is refused shall not fill the disk.
  private static let filesMax = 64
  private static let fileBytesMax: UInt64 = 64 << 20
  private static let headBytes = 4096
  private static let whySuffix = ".why"

  package struct Item: Sendable, Equatable {
    package let name: String
    package let bytes: UInt64
    /// A stable code; empty if it is not known any more.
    package let code: String
    package let reason: String
    /// Nil if it is no whole bundle.
    package let sender: PlaceID?
    /// Seconds since 1970 by the sender's clock.
    package let made: UInt64?
  }

  // MARK: Keeping

  /// Keeps a copy of a file of a mailbag.
  func keep(_ report: ImportReport, from mailbag: Mailbag) throws {
    guard let why = report.refusal ?? report.outcomes.compactMap(\.complaint).first else { return }
    let size = try mailbag.files.size(mailbag.path(report.name))
    let source = try mailbag.files.open(mailbag.path(report.name))
    let head = try source.read(at: 0, count: Self.headBytes, of: mailbag.path(report.name))
    guard let name = try place(for: report.name, head, size) else { return }
    try write(name, why) { copy, target in
      var offset: UInt64 = 0
      while true {
        let bytes = try source.read(at: offset, count: 1 << 18, of: mailbag.path(report.name))
        if bytes.isEmpty { break }
        try copy.write(bytes, to: target)
        offset += UInt64(bytes.count)
      }
    }
  }

  /// Keeps a bundle that came over a link.
  package func keep(_ bytes: [UInt8], as name: String, code: String, reason: String) throws {
    let head = Array(bytes.prefix(Self.headBytes))
    guard let name = try place(for: name + Mailbag.suffix, head, UInt64(bytes.count)) else {
      return
    }
    try write(name, .init(code: code, reason: reason)) { copy, target in
      try copy.write(bytes, to: target)
    }
  }

  /// A name that is free; or that of the same bundle, whose label and ephemeral key no other has. Nil if
  /// there is no room.
  private func place(for name: String, _ head: [UInt8], _ bytes: UInt64) throws -> String? {
    try files.makeFolder(folder)
    guard bytes <= Self.fileBytesMax else { return nil }
    let names = Set(try files.names(in: folder).filter { !$0.hasSuffix(Self.whySuffix) })
    let stem = name.hasSuffix(Mailbag.suffix) ? String(name.dropLast(Mailbag.suffix.count)) : name
    for number in 1...(Self.filesMax + 1) {
      let candidate = (number == 1 ? stem : "\(stem)-\(number)") + Mailbag.suffix
      guard names.contains(candidate) else {
        return names.count < Self.filesMax ? candidate : nil
      }
      let path = folder + "/" + candidate
      let known = try files.open(path).read(at: 0, count: Self.headBytes, of: path)
      if known == head { return candidate }
    }
    return nil
  }

  private func write(
    _ name: String, _ why: MergeOutcome.Refusal, _ body: (any OpenFile, String) throws -> Void
  ) throws {
    let target = folder + "/" + name
    let copy = try files.create(target)
    try body(copy, target)
    try copy.sync(target)
    let note = try files.create(target + Self.whySuffix)
    try note.write(Array("\(why.code) \(why.reason)\n".utf8), to: target + Self.whySuffix)
    try note.sync(target + Self.whySuffix)
  }

  // MARK: Looking into it

  /// By name.
  package func items() throws -> [Item] {
    guard files.isFolder(folder) else { return [] }
    return try files.names(in: folder).filter { $0.hasSuffix(Mailbag.suffix) }.sorted().map(item)
  }

  private func item(_ name: String) throws -> Item {
    let path = folder + "/" + name
    let label = try? BundleFile(path).label
    let why = try? files.open(path + Self.whySuffix).read(
      at: 0, count: 4096, of: path + Self.whySuffix)
    let words = String(decoding: why ?? [], as: UTF8.self).split(
      separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
    return Item(
      name: name, bytes: try files.size(path), code: words.first.map(String.init) ?? "",
      reason: words.count > 1 ? words[1].filter { $0 != "\n" } : "", sender: label?.sender,
      made: label?.made)
  }

  /// Merges it whatever its authors' rights and whether its keys are still believed, and takes it away
  /// if all of it was merged.
  ///
  /// Throws `review_unknown` if there is none of that name.
  package func accept(
    _ name: String, _ replica: Replica, codec: BundleCodec
  ) throws -> ImportReport {
    try require(name)
    let report = try Mailbag(folder).accept(name, replica, codec: codec)
    if report.isClean { try remove(name) }
    return report
  }

  /// Throws `review_unknown` if there is none of that name.
  package func drop(_ name: String) throws {
    try require(name)
    try remove(name)
  }

  private func require(_ name: String) throws {
    guard try items().contains(where: { $0.name == name }) else {
      throw MailbagError(
        .reviewUnknown, "nothing of the name \(name) is kept aside",
        hint: "see `yizhan review list`")
    }
  }

  private func remove(_ name: String) throws {
    try files.remove(folder + "/" + name)
    try files.remove(folder + "/" + name + Self.whySuffix)
  }
}
