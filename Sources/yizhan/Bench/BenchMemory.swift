internal import Bundles
internal import Causality
internal import Glibc
internal import Mailbag
internal import Records
internal import Replica
internal import Trust
internal import Village
internal import Wording

private final class FileSpool: PieceSpool {
  private let file: UnsafeMutablePointer<FILE>
  init(_ file: UnsafeMutablePointer<FILE>) { self.file = file }
  func add(_ bytes: [UInt8]) { fwrite(bytes, 1, bytes.count, file) }
  func keep(_ count: Int) { preconditionFailure("the probe has room for everything") }
}

/// Peak memory while a bundle of a million playbacks is written and read, each in a process of
/// its own that tells its high-water mark.
enum MemoryBench {
  private static let rows = 1_000_000
  private static let place = BenchRig.station(1)
  private static let hub = PlaceID(bits: 0x1111_1111_1111_1111)

  static func run() throws -> [BenchResult] {
    let rig = try BenchRig()
    let wrote = try child("--memory-probe-write", rig.folder)
    let read = try child("--memory-probe-read", rig.folder)
    for name in [
      "station.db", "station.db-wal", "station.db-shm", "hub.db", "hub.db-wal", "hub.db-shm",
      "bundle.yz", "spool",
    ] {
      unlink("\(rig.folder)/\(name)")
    }
    return [
      .init(
        name: "peak memory writing 1,000,000 playbacks", value: wrote, unit: "MiB", bar: 64,
        goal: 32, better: .lower),
      .init(
        name: "peak memory reading 1,000,000 playbacks", value: read, unit: "MiB", bar: 64,
        goal: 32, better: .lower),
    ]
  }

  private static func child(_ probe: String, _ folder: String) throws -> Double {
    let command = "\"/proc/\(getpid())/exe\" bench \(probe) --probe-folder \"\(folder)\""
    guard let pipe = popen(command, "r") else {
      throw Failure(code: "internal", reason: "cannot start \(command)")
    }
    var line = [CChar](repeating: 0, count: 64)
    let got = fgets(&line, 64, pipe) != nil
    let status = pclose(pipe)
    let text = String(
      decoding: line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard got, status == 0, let value = Double(text) else {
      throw Failure(code: "internal", reason: "the memory probe failed")
    }
    return value
  }

  /// Writes or reads the bundle and prints this process's peak resident memory in MiB.
  static func probe(writes: Bool, folder: String) throws {
    let surroundings = Surroundings(wall: { 1_770_000_000_000 }, random: { 0x55AA_55AA_1234 })
    if writes {
      try write(folder, surroundings)
    } else {
      try read(folder, surroundings)
    }
    print(peak())
  }

  private static func write(_ folder: String, _ surroundings: Surroundings) throws {
    let station = try Replica.create(
      at: folder + "/station.db", as: Identity(Author(place: place, role: .station)),
      schema: Village.schema, surroundings: surroundings)
    let workload = BenchWorkload()
    let partition = PartitionID(place, .log)
    for day in stride(from: 0, to: rows / 40, by: 25) {
      try station.write { store in
        for cells in workload.plays(station: 1, days: day..<(day + 25), perDay: 40) {
          _ = try store.log(Village.playback, in: partition, cells)
        }
      }
    }
    guard let spool = fopen(folder + "/spool", "w+") else {
      throw Failure(code: "disk_error", reason: "cannot write in \(folder)")
    }
    defer { fclose(spool) }
    let manifest = try station.write { store in
      try store.compose(
        BundleOrder(
          reader: hub, parts: [.init(partition: partition, base: .init())], number: 1, made: 1),
        codec: BundleCodec(), spool: FileSpool(spool))
    }
    guard let bundle = fopen(folder + "/bundle.yz", "w") else {
      throw Failure(code: "disk_error", reason: "cannot write in \(folder)")
    }
    defer { fclose(bundle) }
    let (head, seal) = try SealedHead.close(
      manifest, from: keys(1), to: keys(2).publicKeys, random: [UInt8](repeating: 1, count: 32))
    fwrite(head, 1, head.count, bundle)
    rewind(spool)
    for (index, piece) in manifest.followingPieces.enumerated() {
      var bytes = [UInt8](repeating: 0, count: piece.following)
      fread(&bytes, 1, bytes.count, spool)
      let sealed = seal.close(bytes, number: UInt64(index) + 1)
      fwrite(sealed, 1, sealed.count, bundle)
    }
  }

  private static func keys(_ seed: UInt8) -> SecretKeys {
    guard let keys = SecretKeys([UInt8](repeating: seed, count: SecretKeys.secretBytes)) else {
      preconditionFailure("64 bytes are keys")
    }
    return keys
  }

  private static func read(_ folder: String, _ surroundings: Surroundings) throws {
    let sealed = try BundleFile(folder + "/bundle.yz")
    let file = OpenBundleFile(
      sealed, try SealedHead.open(sealed.envelope, from: keys(1).publicKeys, with: keys(2)))
    let replica = try Replica.create(
      at: folder + "/hub.db", as: Identity(Author(place: hub, role: .hub)),
      schema: Village.schema, surroundings: surroundings)
    let codec = BundleCodec()
    let merged = try replica.write { store in
      try store.merge(0, of: file.manifest, codec: codec, catalogue: nil, content: file)
    }
    guard merged.merged == rows else {
      throw Failure(code: "internal", reason: "\(merged.merged) of \(rows) came: \("\(merged)")")
    }
  }

  private static func peak() -> Double {
    guard let status = fopen("/proc/self/status", "r") else { return .infinity }
    defer { fclose(status) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, 256, status) != nil {
      let text = String(
        decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if text.hasPrefix("VmHWM:") {
        let digits = text.filter { $0.isNumber }
        return (Double(digits) ?? .infinity) / 1024
      }
    }
    return .infinity
  }
}
