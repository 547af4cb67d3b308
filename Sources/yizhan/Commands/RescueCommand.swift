internal import ArgumentParser
internal import Bundles
internal import Exchange
internal import Glibc
internal import Mailbag
internal import Replica
internal import Village
internal import Wording

struct RescueCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rescue",
    abstract: said("Write what a broken station has not sent to a stick for its hub."),
    discussion: said(
      """
      For any computer: the folder is that of the station's card, or a copy of it, with its keys. It is only \
      read. The hub takes the stick in with `yizhan bundle import`. The station itself may go on living \
      afterwards: nothing is taken twice.
      """))

  @Option(help: ArgumentHelp(said("The broken station's data folder."), valueName: "dir"))
  var from: String
  @Option(help: ArgumentHelp(said("The mailbag folder."), valueName: "dir")) var to: String
  @OptionGroup var output: OutputOptions

  func run() throws {
    let folder = DataFolder(path: from)
    if !folder.swap.isUnfinished { try folder.requireDatabase() }
    let copy = try PrivateCopy(of: folder, secrets: secrets())
    _ = try copy.replica.write { try Membership.recover($0) }
    let saved = try Saved(copy)
    guard let hub = saved.hub else {
      throw Failure(
        code: "no_hub", reason: "it cannot be read which hub \(from) is under",
        hint: "restore a backup of the station; or keep the folder for somebody who knows more")
    }
    try copy.replica.write { try Salvaged.lend($0) }
    let report = try Mailbag(to).export(
      copy.replica, to: hub, codec: BundleCodec(), spoolFolder: copy.spoolFolder,
      olderFiles: .keep)
    Console.print(
      json: output.json, json(saved, copy.damage, report), text(saved, copy.damage, report))
    if let damage = copy.damage, damage.eventsLeft + damage.writesLeft > 0 { throw ExitCode(2) }
  }

  private func secrets() throws -> [[UInt8]] {
    let keys = KeyFile(folder: from)
    let secrets = try keys.read(.unknown)
    guard !secrets.isEmpty else {
      throw Failure(
        code: VillageError.Code.keysMissing.rawValue, reason: "there are no keys in \(keys.path)",
        hint:
          "copy the file `keys` from the station's data folder or from beside its backup into \(from); without it the hub believes nothing"
      )
    }
    return secrets
  }

  private func json(
    _ saved: Saved, _ damage: Salvage.Report?, _ report: ExportReport
  ) -> JSON {
    .object([
      ("hub", .text(report.place.code.dotted)), ("damaged", .flag(damage != nil)),
      ("playbacks", .number(Int64(saved.playbacks))), ("writes", .number(Int64(saved.others))),
      ("from", .optional(saved.times.map { Instant(seconds: $0.lowerBound).text(in: saved.zone) })),
      ("to", .optional(saved.times.map { Instant(seconds: $0.upperBound).text(in: saved.zone) })),
      ("files", .list(report.files.map(JSON.text))), ("bytes", .number(Int64(report.bytes))),
      ("playbacksLeft", .number(Int64(damage?.eventsLeft ?? 0))),
      ("writesLeft", .number(Int64(damage?.writesLeft ?? 0))),
    ])
  }

  private func text(
    _ saved: Saved, _ damage: Salvage.Report?, _ report: ExportReport
  ) -> String {
    var lines = [
      said(
        "\(saved.playbacks) playbacks and \(saved.others) other writes of \(saved.name) for \(report.place.code) \(report.place.name): \(report.files.count) files, written and read back."
      )
    ]
    if let times = saved.times {
      let ends = [times.lowerBound, times.upperBound].map {
        Instant(seconds: $0).shortText(in: saved.zone)
      }
      lines.append(said("The playbacks began between \(ends[0]) and \(ends[1])."))
    }
    if let damage {
      lines.append(said("The database is damaged; what could be read of it was taken."))
      if damage.epochsLost > 0 || !damage.emptied.isEmpty {
        lines.append(
          said("Parts of it could not be read. The hub has what it had confirmed before."))
      }
      if damage.eventsLeft + damage.writesLeft > 0 {
        lines.append(
          said(
            "\(damage.eventsLeft) playbacks and \(damage.writesLeft) other writes were left: nobody can say whether the hub has them."
          ))
      }
    }
    lines.append(said("Next: `yizhan bundle import` at the hub."))
    return lines.joined(separator: "\n")
  }
}
