internal import ArgumentParser
internal import Wording

struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: said("Measure speed and bytes, as ratios within this run."),
    discussion: """
      Figures mean something in a release build only. CPU time, medians. The reference for storage \
      is a plain insert of the same rows into the same columns, in the same run.
      """)

  @OptionGroup var output: OutputOptions
  @Option(help: "Runs of each measurement; the median counts.") var runs = 5
  @Option(help: "Only rows whose name contains this.") var only: String?
  @Flag(help: "Measure real hubs and stations over loopback instead.") var network = false
  @Option(help: ArgumentHelp("The bad network's relay.", valueName: "file"))
  var relay = "tools/relay"
  @Option(help: "With --network, how many stations meet one hub.") var stations = 10_000
  @Flag(help: .hidden) var memoryProbeWrite = false
  @Flag(help: .hidden) var memoryProbeRead = false
  @Option(help: .hidden) var probeFolder: String?

  func validate() throws {
    guard runs > 0 else { throw ValidationError("--runs is at least 1") }
  }

  func run() async throws {
    if memoryProbeWrite || memoryProbeRead {
      try MemoryBench.probe(writes: memoryProbeWrite, folder: probeFolder ?? "")
      return
    }
    if network {
      let rows = try await NetworkBench(relay: relay, stations: stations).run(only: only)
      return show(rows)
    }
    var results: [BenchResult] = []
    let suite: [(String, () throws -> [BenchResult])] = [
      // First: the kernel counts the memory of whoever starts a process as that process's own.
      ("report import", { try ReportBench(runs: runs).run() }),
      ("merge", { try MergeBench(runs: runs).run() }),
      ("seal", { try SealBench(runs: runs).run() }),
      ("wire", { try WireBench().run() }),
      ("log", { try LogBench(runs: runs).run() }),
      ("edits delta", { try RecordBench(runs: runs).run() }),
      ("memory", { try MemoryBench.run() }),
    ]
    for (name, body) in suite where only.map({ name.contains($0) }) ?? true {
      let rows = try body()
      results += rows
      if !output.json { for row in rows { print(Self.line(row)) } }
    }
    if output.json { print(JSON.list(results.map(Self.json)).text) }
  }

  private func show(_ rows: [BenchResult]) {
    print(
      output.json
        ? JSON.list(rows.map(Self.json)).text : rows.map(Self.line).joined(separator: "\n"))
  }

  private static func line(_ row: BenchResult) -> String {
    let sign = row.better == .higher ? "≥" : "≤"
    let verdict = row.isGoal ? "goal reached" : row.isReached ? "bar reached" : "NOT REACHED"
    return row.name.padded(58) + "\(text(row.value)) \(row.unit)".padded(26)
      + "bar \(sign) \(text(row.bar))".padded(16)
      + "goal \(sign) \(text(row.goal))".padded(16) + verdict
  }

  private static func text(_ value: Double) -> String {
    if abs(value) >= 100 { return String(Int(value.rounded())) }
    let cents = Int((value * 100).rounded())
    return "\(cents / 100)." + (cents % 100 < 10 ? "0" : "") + "\(cents % 100)"
  }

  private static func json(_ row: BenchResult) -> JSON {
    .object([
      ("name", .text(row.name)), ("value", .real(row.value)), ("unit", .text(row.unit)),
      ("bar", .real(row.bar)), ("goal", .real(row.goal)), ("better", .text(row.better.rawValue)),
    ])
  }
}

extension String {
  fileprivate func padded(_ width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - Table.width(self)))
  }
}
