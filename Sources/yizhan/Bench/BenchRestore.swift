internal import Dispatch
internal import Exchange
internal import Replica
internal import Station
internal import Wording

/// A hub that is restored from a backup of before its stations wrote, and gets all of it back from
/// them, by exchanges as an agent makes them.
struct RestoreBench {
  private static let stations = 1_000
  private static let days = 25
  private static let perDay = 40
  private static let playbacks = stations * days * perDay

  func run(_ rig: NetworkRig) async throws -> [BenchResult] {
    let folders = try rig.copies(of: Self.stations, days: 0..<Self.days, perDay: Self.perDay)
    try rig.backUp()
    let first = try rig.startHub()
    try await exchangeAll(folders, rig, first.url)
    first.process.end()
    guard try rig.hubEvents() == Self.playbacks else {
      throw Failure(code: "internal", reason: "the hub holds \(try rig.hubEvents()) playbacks")
    }
    try rig.restoreHub()
    let before = try rig.hubEvents()
    let second = try rig.startHub()
    let started = DispatchTime.now()
    // The first exchange tells what is missing, and brings it.
    try await exchangeAll(folders, rig, second.url)
    let seconds = Double(DispatchTime.now().uptimeNanoseconds - started.uptimeNanoseconds) / 1e9
    second.process.end()
    let back = try rig.hubEvents() - before
    return [
      BenchResult(
        name: "hub restored, playbacks of 1,000 stations that come back", value: Double(back),
        unit: "in \(Int(seconds.rounded())) s", bar: Double(Self.playbacks),
        goal: Double(Self.playbacks), better: .higher)
    ]
  }

  private func exchangeAll(_ folders: [String], _ rig: NetworkRig, _ url: String) async throws {
    for folder in folders {
      let station = try rig.open(folder)
      _ = try await rig.sync(station, url)
      try station.replica.close()
    }
  }
}
