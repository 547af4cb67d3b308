internal import ArgumentParser
internal import Bundles
internal import Causality
internal import Exchange
internal import Mailbag
internal import Replica
internal import Village
internal import Wording

struct BundleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bundle", abstract: said("Carry changes on a stick."),
    subcommands: [Export.self, Import.self, Inspect.self, Verify.self])

  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Write what others lack to a mailbag folder on a stick."),
      discussion: said(
        """
        A hub writes a bundle for each of its stations, a station one for its hub. Every file is \
        read back before this says that the stick is safe to remove. Bundles that were merged \
        here are removed from the stick: the receipt for them has just been written.
        """))

    @OptionGroup var data: DataOptions
    @Option(help: ArgumentHelp(said("The mailbag folder."), valueName: "dir")) var to: String
    @Option(
      name: .customLong("for"), parsing: .upToNextOption,
      help: ArgumentHelp(said("Only for these places, by code or name."), valueName: "code"))
    var places: [String] = []
    @Option(
      help: ArgumentHelp(said("Split bundles into files of about this size."), valueName: "bytes"))
    var fileBytes: UInt64?
    @OptionGroup var output: OutputOptions

    func run() throws {
      let open = try data.folder.open()
      let neighbours = try open.replica.read { store in
        let all = try Neighbours.all(store)
        let wanted = try places.map { try Places.find(store, $0).id }
        for (text, id) in zip(places, wanted) where !all.contains(where: { $0.place.id == id }) {
          throw VillageError(
            .unknownPlace, "\(text) is not a neighbour of this replica",
            hint: "neighbours are \(Message.list(all.map { $0.place.code.dotted }))")
        }
        return wanted.isEmpty ? all : all.filter { wanted.contains($0.place.id) }
      }
      let codec = BundleCodec()
      var progress = Progress(said("writing"))
      var reports: [ExportReport] = []
      for neighbour in neighbours {
        reports.append(
          try Mailbag(to).export(
            open.replica, to: neighbour, codec: codec, spoolFolder: open.folder.path,
            fileBytesMax: fileBytes))
        progress.show(reports.count, of: neighbours.count)
      }
      progress.end()
      Console.print(json: output.json, json(reports), text(reports))
    }

    private func json(_ reports: [ExportReport]) -> JSON {
      .list(
        reports.map { report in
          .object([
            ("place", .text(report.place.code.dotted)), ("name", .text(report.place.name)),
            ("files", .list(report.files.map(JSON.text))),
            ("bytes", .number(Int64(report.bytes))), ("deltas", .number(Int64(report.deltas))),
            ("receipts", .number(Int64(report.receipts))), ("complete", .flag(!report.isCut)),
          ])
        })
    }

    private func text(_ reports: [ExportReport]) -> String {
      guard !reports.isEmpty else {
        return said("There is nobody to write for: invite a station first.")
      }
      var table = Table([said("for"), "", said("file"), said("bytes")], rightAligned: [3])
      for report in reports {
        table.add([
          report.place.code.dotted, report.place.name,
          report.files.isEmpty ? said("nothing new") : report.files.joined(separator: " "),
          report.files.isEmpty ? "" : String(report.bytes),
        ])
      }
      guard reports.contains(where: { !$0.files.isEmpty }) else {
        return table.text + "\n"
          + said("Nothing had to be written: the stick is safe to remove.")
      }
      let cut =
        reports.contains(where: \.isCut)
        ? said("The stick was too small for all of it; the rest goes when this was received.") + " "
        : ""
      return table.text + "\n" + cut
        + said("Written and read back: the stick is safe to remove.")
    }
  }

  struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Merge the bundles for this replica from a mailbag folder."),
      discussion: said(
        """
        Bundles may come in any order, and any number of times. Those for other places are left \
        alone: one stick serves many stations. If there are only such, and none that was written \
        here, it is the wrong stick or the wrong --data: the error not_for_here.

        What is refused stays on the stick, a copy is kept in the data folder's `aside`, and it \
        is asked for again with the next bundle. Exit code 2 if something was refused.
        """))

    @OptionGroup var data: DataOptions
    @Option(
      help: ArgumentHelp(said("The mailbag folder, or one bundle's file."), valueName: "path"))
    var from: String
    @OptionGroup var output: OutputOptions

    func run() throws {
      let open = try data.folder.open()
      var progress = Progress(said("merging"))
      let reports = try Mailbag.importAll(
        at: from, open.replica, codec: BundleCodec(), asideFolder: open.folder.asidePath
      ) { progress.show($0, of: $1) }
      progress.end()
      try Release.sweep(open.replica)
      let labels = try open.replica.read { try Places.codes($0) }
      Console.print(json: output.json, json(reports, labels), text(reports, labels))
      if !output.json { complain(reports, labels) }
      if reports.contains(where: { !$0.isClean }) { throw ExitCode(2) }
    }

    private static let complaintsMax = 20

    /// One line for each refusal: what, why, what to do.
    private func complain(_ reports: [ImportReport], _ labels: [PlaceID: String]) {
      var refusals: [(what: String, refusal: MergeOutcome.Refusal)] = []
      for report in reports {
        if let refusal = report.refusal { refusals.append((report.name, refusal)) }
        for outcome in report.outcomes {
          guard let refusal = outcome.complaint else { continue }
          let partition = Labels.partition(outcome.partition, labels)
          refusals.append(("\(report.name), \(partition)", refusal))
        }
      }
      for (what, refusal) in refusals.prefix(Self.complaintsMax) {
        Failure(
          code: refusal.code, reason: "\(what): \(Message(told: refusal.reason))",
          hint: Failure.hint(refusal: refusal.code)
        ).report(asJSON: false)
      }
      let more = refusals.count - Self.complaintsMax
      if more > 0 { print(said("\(more) more were refused; the table shows their codes.")) }
    }

    private func json(_ reports: [ImportReport], _ labels: [PlaceID: String]) -> JSON {
      .list(
        reports.map { report in
          .object([
            ("file", .text(report.name)), ("from", .optional(report.sender?.code.dotted)),
            ("merged", .number(Int64(report.merged))),
            ("code", .optional(report.refusal?.code)),
            ("reason", .optional(report.refusal?.reason)),
            (
              "partitions",
              .list(
                report.outcomes.map { outcome in
                  .object([
                    ("partition", .text(Labels.partition(outcome.partition, labels))),
                    ("merged", .number(Int64(outcome.merged))),
                    ("code", .optional(outcome.complaint?.code)),
                    ("reason", .optional(outcome.complaint?.reason)),
                  ])
                })
            ),
          ])
        })
    }

    private func text(_ reports: [ImportReport], _ labels: [PlaceID: String]) -> String {
      guard !reports.isEmpty else {
        return said("No bundle in \(from) is for this replica: there is nothing to do.")
      }
      var table = Table(
        [
          said("file"), said(Message("from", meaning: "sender")), said("partition"), said("merged"),
          said("refused"),
        ],
        rightAligned: [3])
      for report in reports {
        if let refusal = report.refusal {
          table.add([
            report.name, report.sender?.name ?? "", "", "", refusal.code,
          ])
        }
        for outcome in report.outcomes {
          table.add([
            report.name, report.sender?.name ?? "", Labels.partition(outcome.partition, labels),
            String(outcome.merged),
            outcome.complaint?.code ?? "",
          ])
        }
        if report.refusal == nil, report.outcomes.isEmpty {
          table.add([report.name, report.sender?.name ?? "", said("receipts only"), "0", ""])
        }
      }
      return table.text
    }
  }
}

/// How things are called on the console.
enum Labels {
  /// `34.01.23.109/public`, or the place's id where its code is not known.
  static func partition(_ id: PartitionID, _ codes: [PlaceID: String]) -> String {
    "\(codes[id.place] ?? id.place.description)/\(id.section.name)"
  }
}
