internal import Bundles
internal import Causality
internal import Exchange
internal import Foundation
internal import Hub
internal import Records
internal import Replica
internal import Station
internal import Sync
internal import Village
internal import Wording

/// Real hubs and stations over loopback, and over a link that `tools/relay` makes bad.
struct NetworkBench {
  /// Where tools/relay is.
  let relay: String
  let stations: Int

  func run(only: String?) async throws -> [BenchResult] {
    let rig = try NetworkRig()
    var rows: [BenchResult] = []
    let suite: [(String, () async throws -> [BenchResult])] = [
      ("exchanges", { try await exchanges(rig) }), ("agent", { try agent(rig) }),
      ("load", { try await load(try NetworkRig()) }),
      ("restore", { try await RestoreBench().run(try NetworkRig()) }),
      ("drips", { try DripBench().run(try NetworkRig()) }),
    ]
    for (name, body) in suite where only.map({ name.contains($0) }) ?? true {
      rows += try await body()
    }
    return rows
  }

  // MARK: One station

  private func exchanges(_ rig: NetworkRig) async throws -> [BenchResult] {
    let hub = try rig.startHub()
    let station = try rig.station(1)
    let items = try rig.plan()
    for _ in 0..<3 { _ = try await rig.sync(station, hub.url) }
    let idle = try await rig.sync(station, hub.url)
    let day = try await changed(rig, station, items, hub.url, day: 0)
    let started = DispatchTime.now()
    let slow = try Relay(relay, to: hub.url, "--rate", "300", "--delay", "1", "--step", "64")
    _ = try await changed(rig, station, items, slow.url, day: 1)
    let seconds = Double(DispatchTime.now().uptimeNanoseconds - started.uptimeNanoseconds) / 1e9
    slow.end()
    let ratio = try await cutRatio(rig, station, hub.url)
    hub.process.end()
    return [
      BenchResult(
        name: "sync with nothing new, each way", value: Double(max(idle.cost.up, idle.cost.down)),
        unit: "bytes, \(idle.requests) request", bar: 200, goal: 100, better: .lower),
      BenchResult(
        name: "a station-day up and 6 plan changes down",
        value: Double(day.cost.up + day.cost.down),
        unit: "bytes, \(day.requests) request", bar: 1100, goal: 800, better: .lower),
      BenchResult(
        name: "the same over 2.4 kbit/s with 2 s round trips", value: seconds, unit: "s", bar: 15,
        goal: 9, better: .lower),
      BenchResult(
        name: "station-month, link cut every 600 body bytes", value: ratio, unit: "of uncut bytes",
        bar: 1.10, goal: 1.03, better: .lower),
    ]
  }

  private func changed(
    _ rig: NetworkRig, _ station: NetworkRig.Station, _ items: [Dot], _ url: String, day: Int
  ) async throws -> SyncReport {
    try rig.log(station, days: day..<(day + 1), perDay: 40)
    try rig.edit(items.prefix(6), "1\(day):05")
    return try await rig.sync(station, url)
  }

  private func cutRatio(
    _ rig: NetworkRig, _ station: NetworkRig.Station, _ url: String
  ) async throws -> Double {
    try rig.log(station, days: 40..<65, perDay: 40)
    let whole = try station.replica.write { store in
      guard let hub = try Neighbours.above(store) else { return 0 }
      return try Turn(BundleCodec()).write(to: hub, store).bytes.count
    }
    let relay = try Relay(relay, to: url, "--cut-body", "600")
    var answers = 0
    for _ in 0..<200 {
      do {
        answers += try await rig.sync(station, relay.url).cost.down
        break
      } catch is SyncError {
        throw Failure(code: "internal", reason: "a cut link gave a bad reply")
      } catch {}
    }
    let through = relay.end()
    return Double(through) / Double(whole + answers)
  }

  // MARK: The agent

  private func agent(_ rig: NetworkRig) throws -> [BenchResult] {
    let station = try rig.station(2)
    try rig.log(station, days: 0..<1000, perDay: 100)
    try station.replica.close()
    let started = DispatchTime.now()
    let agent = try BenchProcess.yizhan(
      "station", "run", "--data", station.folder, "--url", "http://127.0.0.1:9")
    _ = agent.firstLine()
    let ready = Double(DispatchTime.now().uptimeNanoseconds - started.uptimeNanoseconds) / 1e6
    // The first attempt fails at once, since nobody listens there; then the agent is idle.
    usleep(1_500_000)
    defer { agent.end() }
    return [
      BenchResult(
        name: "idle agent, 100,000 playbacks, anonymous memory", value: agent.memory("RssAnon"),
        unit: "MiB", bar: 16, goal: 8, better: .lower),
      BenchResult(
        name: "idle agent, resident memory", value: agent.memory("VmRSS"), unit: "MiB", bar: 64,
        goal: 40, better: .lower),
      BenchResult(
        name: "agent ready after its start", value: ready, unit: "ms", bar: 300, goal: 100,
        better: .lower),
    ]
  }

  // MARK: Many stations

  private func load(_ rig: NetworkRig) async throws -> [BenchResult] {
    let transfers = try rig.days(of: stations)
    let hub = try rig.startHub()
    let before = hub.process.cpu
    let started = DispatchTime.now()
    let errors = try await HubLink.with(hub.url) { link in
      await withTaskGroup(of: Bool.self) { group in
        var errors = 0
        for (number, transfer) in transfers.enumerated() {
          if number >= 64, await group.next() == false { errors += 1 }
          group.addTask { await Self.send(transfer, link) }
        }
        for await isGood in group where !isGood { errors += 1 }
        return errors
      }
    }
    let seconds = Double(DispatchTime.now().uptimeNanoseconds - started.uptimeNanoseconds) / 1e9
    let cpu = (hub.process.cpu - before) / Double(stations) * 1000
    let memory = hub.process.memory("VmHWM")
    hub.process.end()
    let count = try rig.hubEvents()
    guard count == stations * 40 else {
      throw Failure(code: "internal", reason: "the hub holds \(count) playbacks")
    }
    return [
      BenchResult(
        name: "\(stations) stations with a day each, \(errors) errors", value: seconds / 60,
        unit: "minutes", bar: errors == 0 ? 4 : 0, goal: errors == 0 ? 1 : 0, better: .lower),
      BenchResult(
        name: "hub's CPU for a station-day exchange", value: cpu, unit: "ms", bar: 2, goal: 0.4,
        better: .lower),
      BenchResult(
        name: "hub's memory during it", value: memory, unit: "MiB", bar: 256, goal: 128,
        better: .lower),
    ]
  }

  private static func send(_ transfer: Transfer, _ link: HubLink) async -> Bool {
    var transfer = transfer
    var cost = HubLink.Cost()
    for _ in 0..<100 {
      do {
        switch try await link.send(&transfer, cost: &cost, left: { _ in }) {
        case .complete: return transfer.isComplete
        case .wantsRest: continue
        case .busy: try await Task.sleep(for: .milliseconds(50))
        case .refused: return false
        }
      } catch { return false }
    }
    return false
  }
}

/// `tools/relay`, between a station and its hub.
private final class Relay {
  let url: String
  private let process: BenchProcess
  private let stats: String

  init(_ program: String, to url: String, _ options: String...) throws {
    guard let address = url.split(separator: "/").last,
      FileManager.default.fileExists(atPath: program)
    else {
      throw Failure(
        code: "usage", reason: "there is no \(program)", hint: "run this where tools/relay is",
        exitCode: 64)
    }
    stats = NSTemporaryDirectory() + "/yizhan-relay-\(UUID().uuidString)"
    process = try BenchProcess(
      "/usr/bin/env", ["python3", program, "--to", String(address), "--stats", stats] + options)
    guard let port = process.firstLine().split(separator: " ").last else {
      throw Failure(code: "internal", reason: "the relay does not run")
    }
    self.url = "http://127.0.0.1:\(port)"
  }

  /// Ends it. Bytes of bodies that it let through.
  @discardableResult
  func end() -> Int {
    process.end()
    defer { try? FileManager.default.removeItem(atPath: stats) }
    guard let data = FileManager.default.contents(atPath: stats),
      let counts = try? JSONSerialization.jsonObject(with: data) as? [String: Int]
    else { return 0 }
    return (counts["upBody"] ?? 0) + (counts["downBody"] ?? 0)
  }
}
