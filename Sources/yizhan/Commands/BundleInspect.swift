internal import ArgumentParser
internal import Bundles
internal import Causality
internal import Exchange
internal import Mailbag
internal import Replica
internal import Sync
internal import Village
internal import Wording

extension BundleCommand {
  struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Show what a courier can read on a bundle, and with --data what is in it."))

    @Argument(help: ArgumentHelp(said("A bundle's file."))) var file: String
    @Option(
      help: ArgumentHelp(
        said("The data folder of the place that it is for, to see what is in it."),
        valueName: "folder"))
    var data: String?
    @OptionGroup var output: OutputOptions

    func run() throws {
      let bundle = try BundleFile(file)
      let opened = try data.map { try bundle.opened(in: DataFolder(path: $0)) }
      Console.print(
        json: output.json, json(bundle, opened?.manifest), text(bundle, opened?.manifest))
    }

    private func json(_ bundle: BundleFile, _ manifest: Manifest?) -> JSON {
      let label = bundle.label
      return .object(
        [
          ("file", .text(file)), ("bytes", .number(Int64(bundle.size))),
          ("format", .number(Int64(Envelope.formatVersion))),
          ("to", .text(label.reader.description)), ("from", .text(label.sender.description)),
          ("number", .number(Int64(label.number))), ("made", .number(Int64(label.made))),
          ("whole", .flag(bundle.size == bundle.envelope.bundleLength)),
        ] + (manifest.map(content) ?? []))
    }

    private func content(_ manifest: Manifest) -> [(String, JSON)] {
      [
        ("part", .number(Int64(manifest.part))), ("more", .flag(manifest.hasMore)),
        ("catalogue", .optional(manifest.catalogue.map { Epoch(bits: $0).description })),
        (
          "deltas",
          .list(
            manifest.deltas.map { delta in
              .object([
                ("partition", .text(delta.partition.description)),
                ("base", .text(delta.base.description)),
                ("target", .text(delta.target.description)),
                ("births", .number(Int64(delta.births.count))),
                ("pieces", .number(Int64(delta.pieces.count))),
                ("bytes", .number(Int64(delta.pieces.reduce(0) { $0 + Self.size($1) }))),
              ])
            })
        ),
        (
          "receipts",
          .list(
            manifest.receipts.map { receipt in
              .object([
                ("partition", .text(receipt.partition.description)),
                ("received", .text(receipt.received.description)),
                ("safe", .text(receipt.safe.description)),
              ])
            })
        ),
      ]
    }

    private static func size(_ piece: Piece) -> Int {
      switch piece.body {
      case .inline(let bytes): bytes.count
      case .following(let length, _): length
      }
    }

    private func text(_ bundle: BundleFile, _ manifest: Manifest?) -> String {
      let label = bundle.label
      var lines = [
        said("for place    \(label.reader)"), said("from place   \(label.sender)"),
        said(
          manifest?.hasMore == true
            ? "number       \(label.number), more follows" : "number       \(label.number)"),
        said("made         \(Instant(seconds: Int64(label.made)).text(in: .china))"),
        said("bytes        \(bundle.size)"),
      ]
      guard let manifest else {
        lines.append(said("What is in it is sealed: --data with the place's folder opens it."))
        return lines.joined(separator: "\n")
      }
      var table = Table(
        [said("partition"), said("begins at"), said("leads to"), said("pieces"), said("bytes")],
        rightAligned: [3, 4])
      for delta in manifest.deltas {
        table.add([
          delta.partition.description, delta.base.description, delta.target.description,
          String(delta.pieces.count), String(delta.pieces.reduce(0) { $0 + Self.size($1) }),
        ])
      }
      for receipt in manifest.receipts {
        table.add([
          receipt.partition.description, "", receipt.received.description, said("receipt"), "",
        ])
      }
      lines.append(table.text)
      return lines.joined(separator: "\n")
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Check that a bundle is whole, and with --data every byte and who wrote it."))

    @Argument(help: ArgumentHelp(said("A bundle's file."))) var file: String
    @Option(
      help: ArgumentHelp(
        said("The data folder of the place that it is for, to see what is in it."),
        valueName: "folder"))
    var data: String?
    @OptionGroup var output: OutputOptions

    func run() throws {
      let bundle = try BundleFile(file)
      if let data {
        try bundle.opened(in: DataFolder(path: data)).verify()
      } else {
        try bundle.requireWhole()
      }
      Console.print(
        json: output.json,
        .object([
          ("file", .text(file)), ("bytes", .number(Int64(bundle.size))), ("ok", .flag(true)),
        ]),
        said("\(file): whole, \(bundle.size) bytes"))
    }
  }
}

extension BundleFile {
  /// As its reader, whose folder this is, opens it.
  fileprivate func opened(in folder: DataFolder) throws -> OpenBundleFile {
    let open = try folder.open()
    defer { open.close() }
    return try open.replica.read { store in
      guard label.reader == store.identity.place else {
        throw SyncError(.notForHere, "the bundle is for another place")
      }
      guard let neighbour = try Neighbours.find(store, label.sender) else {
        throw SyncError(.unknownSender, "the bundle is from a place that is not a neighbour")
      }
      return OpenBundleFile(self, try Sealing.open(envelope, from: neighbour, for: .looking, store))
    }
  }
}
