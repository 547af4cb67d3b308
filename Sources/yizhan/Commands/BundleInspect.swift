internal import ArgumentParser
internal import Bundles
internal import Causality
internal import Mailbag
internal import Wording

extension BundleCommand {
  struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Show what a bundle says of itself. Needs no data folder."))

    @Argument(help: ArgumentHelp(said("A bundle's file."))) var file: String
    @OptionGroup var output: OutputOptions

    func run() throws {
      let bundle = try BundleFile(file)
      let manifest = bundle.head.manifest
      Console.print(json: output.json, json(bundle, manifest), text(bundle, manifest))
    }

    private func json(_ bundle: BundleFile, _ manifest: Manifest) -> JSON {
      .object([
        ("file", .text(file)), ("bytes", .number(Int64(bundle.size))),
        ("format", .number(Int64(BundleHead.formatVersion))),
        ("to", .text(manifest.reader.description)), ("from", .text(manifest.sender.description)),
        ("number", .number(Int64(manifest.number))), ("made", .number(Int64(manifest.made))),
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
      ])
    }

    private static func size(_ piece: Piece) -> Int {
      switch piece.body {
      case .inline(let bytes): bytes.count
      case .following(let length, _): length
      }
    }

    private func text(_ bundle: BundleFile, _ manifest: Manifest) -> String {
      var lines = [
        said("for place    \(manifest.reader)"), said("from place   \(manifest.sender)"),
        said(
          manifest.hasMore
            ? "number       \(manifest.number), more follows"
            : "number       \(manifest.number)"),
        said("bytes        \(bundle.size)"),
      ]
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
      abstract: said("Check every byte of a bundle against its manifest. Needs no data folder."))

    @Argument(help: ArgumentHelp(said("A bundle's file."))) var file: String
    @OptionGroup var output: OutputOptions

    func run() throws {
      let bundle = try BundleFile(file)
      try bundle.verify()
      Console.print(
        json: output.json,
        .object([
          ("file", .text(file)), ("bytes", .number(Int64(bundle.size))), ("ok", .flag(true)),
        ]),
        said("\(file): whole, \(bundle.size) bytes"))
    }
  }
}
