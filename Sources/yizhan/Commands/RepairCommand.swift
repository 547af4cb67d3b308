internal import ArgumentParser
internal import Causality
internal import Exchange
internal import Replica
internal import Village
internal import Wording

struct RepairCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repair", abstract: said("Make a damaged data folder work again."),
    discussion: said(
      """
      Nothing is thrown away: the damaged files are set aside whole, in `damaged-1` and so on in the data \
      folder, and a new database is made of what can be read. The machine stays the same place with the \
      same keys and goes on in new epochs. What is missing comes back from the hub with the next \
      exchanges; what only this machine had and can be read goes there. If the power goes meanwhile, run \
      it again. If nothing is wrong it changes nothing.
      """))

  @OptionGroup var data: DataOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let folder = data.folder
    if !folder.swap.isUnfinished { try folder.requireDatabase() }
    let lock = try FolderLock(folder.path)
    defer { withExtendedLifetime(lock) {} }
    let wasUnfinished = folder.swap.isUnfinished
    try folder.swap.finish()
    guard let outcome = try Repair(folder).run() else {
      return Console.print(
        json: output.json, Self.json(nil, state: wasUnfinished ? "finished" : "well"),
        said(
          wasUnfinished
            ? "The repair that was cut short is finished, and all is well."
            : "Nothing is wrong with the database, and nothing was changed."))
    }
    Console.print(json: output.json, Self.json(outcome, state: "repaired"), outcome.text)
  }

  private static func json(_ outcome: Repair.Outcome?, state: String) -> JSON {
    let report = outcome?.report ?? Salvage.Report()
    let emptied: [JSON] = report.emptied.map { .text($0.description) }
    let counts = [
      ("epochsLost", report.epochsLost), ("playbacksAgain", report.eventsAgain),
      ("playbacksLeft", report.eventsLeft), ("waiting", report.writesAgain),
    ].map { ($0.0, JSON.number(Int64($0.1))) }
    return .object(
      [
        ("state", .text(state)), ("aside", .optional(outcome?.aside)),
        ("hubKnown", .flag(outcome?.isHubKnown ?? true)), ("emptied", .list(emptied)),
      ] + counts)
  }
}

/// One repair of a folder that is locked.
struct Repair {
  struct Outcome {
    let report: Salvage.Report
    let aside: String
    let isHubKnown: Bool
  }

  private let folder: DataFolder
  private let surroundings: Surroundings

  init(_ folder: DataFolder) {
    self.folder = folder
    // Without keys too the database is made well; `check` tells of the keys.
    let secrets = (try? KeyFile(folder: folder.path).read()) ?? []
    surroundings = DataFolder.surroundings(secrets: secrets, memoryFolder: nil)
  }

  /// Nil if nothing is wrong.
  func run() throws -> Outcome? {
    if try isWell() { return nil }
    let swap = folder.swap
    swap.begin()
    let report = try Salvage.rebuild(
      folder.databasePath, to: swap.draft, for: .repair, schema: Village.schema,
      surroundings: surroundings, again: PlaybackBook.again)
    let replica = try Replica.open(
      at: swap.draft, schema: Village.schema, surroundings: surroundings)
    let isHubKnown = try replica.write { store in
      try Comeback.note(.repaired, store)
      return try Salvaged.begin(store)
    }
    try replica.close()
    return Outcome(report: report, aside: try swap.commit(), isHubKnown: isHubKnown)
  }

  private func isWell() throws -> Bool {
    do {
      let replica = try folder.openForReading()
      defer { try? replica.close() }
      return try replica.complaints().isEmpty
    } catch let error as ReplicaError {
      guard error.code == .databaseDamaged || error.code == .notAReplica else { throw error }
      return false
    }
  }
}

extension Repair.Outcome {
  var text: String {
    var lines = [said("Repaired. The damaged files are kept in \(aside).")]
    if report.isWhole {
      lines.append(said("Everything could be read: nothing is missing."))
    } else {
      lines.append(said("What could not be read comes back from the hub with the next exchanges."))
    }
    if report.eventsAgain > 0 {
      lines.append(
        said(
          "\(report.eventsAgain) playbacks that the hub has not confirmed were logged again; each is counted once."
        ))
    }
    if report.writesAgain > 0 {
      lines.append(
        said(
          "\(report.writesAgain) other values wait for the hub's answer; those that it lacks are written again then."
        ))
    }
    if report.eventsLeft > 0 {
      lines.append(
        said(
          "\(report.eventsLeft) playbacks have lost their names and stay in the damaged files only."
        ))
    }
    lines.append(
      said(
        isHubKnown
          ? "Next: exchange with the hub, by link or by a stick there and back."
          : "Next: who the hub is could not be read. Ask it for an invitation (`yizhan hub invite --replace`) and run `yizhan station join` with it."
      ))
    return lines.joined(separator: "\n")
  }
}
