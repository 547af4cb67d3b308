internal import Foundation
internal import Sync
internal import Synchronization
internal import Wording

/// Honest stations on slow links beside many connections that only drip. All come from this
/// machine, so the hub can tell them apart by their pace alone.
struct DripBench {
  private static let drips = 2000
  private static let lanes = 50
  private static let rounds = 24
  /// 128 kbit/s, each way.
  private static let bytesPerSecond = 16_000
  /// Between two requests of a lane, so that the drips are cut and come again several times.
  private static let pauseMicroseconds: UInt32 = 2_500_000

  func run(_ rig: NetworkRig) throws -> [BenchResult] {
    let transfers = try rig.days(of: Self.lanes * Self.rounds)
    let hub = try rig.startHub()
    guard let port = hub.url.split(separator: ":").last.flatMap({ UInt16($0) }) else { return [] }
    let flood = DripFlood(port: port, count: Self.drips)
    let before = hub.process.cpu
    let times = Mutex<[Double]>([])
    let started = DispatchTime.now()
    let group = DispatchGroup()
    for lane in 0..<Self.lanes {
      let own = Array(transfers[(lane * Self.rounds)..<((lane + 1) * Self.rounds)])
      group.enter()
      Thread.detachNewThread {
        // Not all at the same moment.
        usleep(Self.pauseMicroseconds / UInt32(Self.lanes) * UInt32(lane))
        for transfer in own {
          let took = Self.exchange(transfer, port)
          times.withLock { $0.append(took) }
          usleep(Self.pauseMicroseconds)
        }
        group.leave()
      }
    }
    group.wait()
    let seconds = Double(DispatchTime.now().uptimeNanoseconds - started.uptimeNanoseconds) / 1e9
    let cpu = (hub.process.cpu - before) / seconds * 100
    let memory = hub.process.memory("VmHWM")
    flood.end()
    hub.process.end()
    return rows(times.withLock { $0.sorted() }, flood.cutCount, cpu, memory)
  }

  private func rows(_ times: [Double], _ cuts: Int, _ cpu: Double, _ memory: Double)
    -> [BenchResult]
  {
    let failed = times.count { $0 == .infinity }
    return [
      BenchResult(
        name: "p99 of \(times.count) exchanges beside \(Self.drips) drips, \(failed) failed",
        value: times[min(times.count - 1, times.count * 99 / 100)], unit: "s at 128 kbit/s", bar: 2,
        goal: 0.5, better: .lower),
      BenchResult(
        name: "the slowest of them", value: times.last ?? 0, unit: "s", bar: 4, goal: 2,
        better: .lower),
      BenchResult(
        name: "drips that the hub cut meanwhile", value: Double(cuts), unit: "", bar: 2000,
        goal: 4000, better: .higher),
      BenchResult(
        name: "the hub's CPU meanwhile", value: cpu, unit: "% of a core", bar: 100, goal: 25,
        better: .lower),
      BenchResult(
        name: "the hub's memory", value: memory, unit: "MiB", bar: 256, goal: 128, better: .lower),
    ]
  }

  // MARK: One exchange over a slow link

  /// Seconds until the answer is whole; infinite if there is none.
  private static func exchange(_ transfer: Transfer, _ port: UInt16) -> Double {
    let started = DispatchTime.now()
    let link = LoopbackSocket.connect(port)
    defer { close(link) }
    let head =
      "POST /v1/exchange/\(transfer.id) HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n"
      + "Content-Length: \(transfer.bundle.count)\r\n\r\n"
    var rest = (Array(head.utf8) + transfer.bundle)[...]
    while !rest.isEmpty {
      let part = Array(rest.prefix(1000))
      guard send(link, part, part.count, Int32(MSG_NOSIGNAL)) == part.count else {
        return .infinity
      }
      rest = rest.dropFirst(part.count)
      onTheWay(part.count)
    }
    var heard: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1000)
    while case let count = recv(link, &buffer, buffer.count, 0), count > 0 {
      heard += buffer[..<count]
      onTheWay(count)
    }
    guard heard.starts(with: Array("HTTP/1.1 200 ".utf8)) else { return .infinity }
    return Double(DispatchTime.now().uptimeNanoseconds - started.uptimeNanoseconds) / 1e9
  }

  private static func onTheWay(_ bytes: Int) { usleep(UInt32(bytes * 1_000_000 / bytesPerSecond)) }
}
