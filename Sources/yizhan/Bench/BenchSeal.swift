internal import Bundles
internal import Causality
internal import Exchange
internal import Replica
internal import Trust
internal import Village

/// What seal and signature cost a hub: the same bundles merged as they travel, and as they are inside.
struct SealBench {
  let runs: Int

  func run() throws -> [BenchResult] {
    [
      try measure(
        "merge with seal and signature, 1,000 month bundles", stations: 1000, bundlesEach: 1,
        days: 25, bar: 0.85, goal: 0.95),
      try measure(
        "merge with seal and signature, 25,000 day bundles", stations: 1000, bundlesEach: 25,
        days: 1, bar: 0.30, goal: 0.50),
      try overhead(),
    ]
  }

  private func measure(
    _ name: String, stations: Int, bundlesEach: Int, days: Int, bar: Double, goal: Double
  ) throws -> BenchResult {
    let rig = try BenchRig()
    let workload = BenchWorkload()
    let catalogue = MergeBench.catalogue(workload)
    let plain = try MergeBench.prepare(rig, workload, catalogue, stations, bundlesEach, days)
    let keys = BenchKeys()
    let sealed = try plain.enumerated().map { number, bundle in
      try keys.seal(bundle, from: number / bundlesEach)
    }
    var ratios: [Double] = []
    for _ in 0..<runs {
      let open = try time(rig, catalogue) { store in
        for bundle in plain { try rig.merge(bundle, into: store, catalogue: catalogue) }
      }
      let closed = try time(rig, catalogue) { store in
        for (number, bundle) in sealed.enumerated() {
          let content = try keys.open(bundle, from: number / bundlesEach)
          try rig.merge(content, into: store, catalogue: catalogue)
        }
      }
      ratios.append(open / closed)
    }
    return BenchResult(
      name: name, value: BenchClock.median(ratios), unit: "of without", bar: bar, goal: goal,
      better: .higher)
  }

  private func time(
    _ rig: BenchRig, _ catalogue: Catalogue, _ body: (Store) throws -> Void
  ) throws -> Double {
    let hub = try rig.replica(place: rig.hub, role: .hub)
    defer { try? hub.close() }
    return try BenchClock.measure {
      try hub.write { store in
        try store.keep(catalogue)
        try body(store)
      }
    }
  }

  /// Of a bundle without following pieces, as most are.
  private func overhead() throws -> BenchResult {
    let rig = try BenchRig()
    let workload = BenchWorkload()
    let bundle = try MergeBench.prepare(rig, workload, MergeBench.catalogue(workload), 1, 1, 1)[0]
    let sealed = try BenchKeys().seal(bundle, from: 0)
    return BenchResult(
      name: "seal and signature of a station-day", value: Double(sealed.count - bundle.count),
      unit: "bytes", bar: 260, goal: 160, better: .lower)
  }
}

/// A hub's keys and those of its stations, which it has learnt before.
private final class BenchKeys {
  private let hub: SecretKeys
  private var stations: [Int: SecretKeys] = [:]
  private var known: [Int: PublicKeys] = [:]

  init() { hub = Self.keys(1_000_000) }

  private static func keys(_ number: Int) -> SecretKeys {
    let bytes = (0..<SecretKeys.secretBytes).map {
      UInt8(truncatingIfNeeded: number >> ($0 % 4 * 8) &+ $0)
    }
    guard let keys = SecretKeys(bytes) else { preconditionFailure("64 bytes are keys") }
    return keys
  }

  func seal(_ plain: [UInt8], from station: Int) throws -> [UInt8] {
    let keys = stations[station] ?? Self.keys(station)
    stations[station] = keys
    known[station] = keys.publicKeys
    let bundle = try MemoryBundle(plain: plain)
    let random = (0..<32).map { UInt8(truncatingIfNeeded: station &* 31 &+ $0) }
    let (head, seal) = try SealedHead.close(
      bundle.manifest, from: keys, to: hub.publicKeys, random: random)
    var bytes = head
    var number: UInt64 = 0
    for (index, delta) in bundle.manifest.deltas.enumerated() {
      for piece in delta.pieces.indices where delta.pieces[piece].following > 0 {
        number += 1
        bytes += seal.close(try bundle.bytes(delta: index, piece: piece), number: number)
      }
    }
    return bytes
  }

  func open(_ bytes: [UInt8], from station: Int) throws -> MemoryBundle {
    guard let sender = known[station] else { preconditionFailure("sealed here before") }
    let sealed = try SealedBytes(bytes)
    return MemoryBundle(sealed, try SealedHead.open(sealed.envelope, from: sender, with: hub))
  }
}
