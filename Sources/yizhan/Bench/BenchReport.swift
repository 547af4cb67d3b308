internal import Causality
internal import Foundation
internal import Records
internal import Replica
internal import Village
internal import Wording

/// What a clerk waits for: reports and imports, as whole commands in processes of their own.
struct ReportBench {
  let runs: Int

  func run() throws -> [BenchResult] {
    let folder = FileManager.default.temporaryDirectory.path + "/yizhan-bench-\(getpid())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try reports(folder) + imports(folder)
  }

  // MARK: Reports

  private func reports(_ folder: String) throws -> [BenchResult] {
    let town = try BenchCounty(folder + "/town", townships: 0, stations: 40).report(runs)
    let county = try BenchCounty(folder + "/county", townships: 10, stations: 40).report(runs)
    return [
      .init(
        name: "report, 40 stations, 7,200 slots, 40,000 playbacks", value: town.seconds,
        unit: "s CPU", bar: 0.5, goal: 0.25, better: .lower),
      .init(
        name: "report, 400 stations, 72,000 slots, 400,000 playbacks", value: county.seconds,
        unit: "s CPU", bar: 2, goal: 1, better: .lower),
      .init(
        name: "its peak memory", value: county.mebibytes, unit: "MiB", bar: 128, goal: 64,
        better: .lower),
    ]
  }

  // MARK: Imports

  private func imports(_ folder: String) throws -> [BenchResult] {
    let guide = folder + "/guide.xml"
    try Self.guide.write(toFile: guide, atomically: false, encoding: .utf8)
    let plays = folder + "/plays.csv"
    try Self.plays.write(toFile: plays, atomically: false, encoding: .utf8)
    let hub = try (0..<runs).map { run in
      let data = folder + "/guide-\(run)"
      try BenchCommandRun("hub", "init", "--data", data, "--place", "34.01.23.109", "--name", "镇")
        .finish()
      return try BenchCommandRun(
        "plan", "import", "--data", data, "--for", "34.01.23.109", guide
      ).finish().seconds
    }
    let log = try (0..<runs).map { run in
      let data = folder + "/log-\(run)"
      try BenchCommandRun("hub", "init", "--data", data, "--place", "34.01.23.109", "--name", "镇")
        .finish()
      return try BenchCommandRun(
        "playback", "import", "--data", data, "--for", "34.01.23.109", plays
      ).finish().seconds
    }
    return [
      .init(
        name: "import, an XMLTV file of 30,000 programmes", value: BenchClock.median(hub),
        unit: "s CPU", bar: 3, goal: 1.5, better: .lower),
      .init(
        name: "import, 100,000 playbacks from CSV", value: BenchClock.median(log),
        unit: "s CPU", bar: 1.5, goal: 0.75, better: .lower),
    ]
  }

  /// A channel of 1,000 days with 30 programmes each.
  private static var guide: String {
    let workload = BenchWorkload()
    var dice = BenchDice(seed: 3)
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<tv>\n"
    text += "<channel id=\"c1\"><display-name>县台</display-name></channel>\n"
    for day in 0..<1000 {
      let date = CivilDate(days: 20_454 + day).description.replacingOccurrences(of: "-", with: "")
      for slot in 0..<30 {
        let programme = dice.pick(workload.programmes)
        let minute = 6 * 60 + slot * 35
        let start =
          BenchWorkload.digits(minute / 60, 2) + BenchWorkload.digits(minute % 60, 2) + "00"
        text += """
          <programme start="\(date)\(start) +0800" channel="c1">
          <title lang="zh">\(programme.title)</title><category lang="zh">\(programme.category)</category>
          </programme>

          """
      }
    }
    return text + "</tv>\n"
  }

  private static var plays: String {
    let workload = BenchWorkload()
    var lines = ["id,programme,started_at,ended_at,audience,operator,occasion,outcome,note"]
    for cells in workload.plays(station: 1, days: 0..<2500, perDay: 40) {
      guard case .text(let programme) = cells[0], case .integer(let start) = cells[3],
        case .integer(let seconds) = cells[4], case .integer(let audience) = cells[5],
        case .text(let occasion) = cells[7], case .text(let outcome) = cells[8]
      else { continue }
      let begun = Instant(seconds: start).text(in: .china)
      let ended = Instant(seconds: start + seconds).text(in: .china)
      lines.append(
        "\(UUID().uuidString.lowercased()),\(programme),\(begun),\(ended),\(audience),侯勇,"
          + "\(occasion),\(outcome),")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

/// A hub with stations, each with a month's plan of its own and what it played.
private struct BenchCounty {
  private let folder: String
  private static let month = "2026-01"

  /// Without townships the stations hang directly below the hub.
  init(_ folder: String, townships: Int, stations: Int) throws {
    self.folder = folder
    let code = townships == 0 ? "34.01.23.109" : "34.01.23"
    try BenchCommandRun("hub", "init", "--data", folder, "--place", code, "--name", "枢纽").finish()
    let open = try DataFolder(path: folder).open()
    let workload = BenchWorkload()
    let own = open.replica.identity.place
    for town in 0..<max(townships, 1) {
      let hub = townships == 0 ? own : try Self.hub(town, below: own, open.replica)
      for number in 0..<stations {
        try Self.station(town * stations + number, below: hub, workload, open.replica)
      }
    }
    try open.replica.close()
  }

  private static func hub(_ number: Int, below own: PlaceID, _ replica: Replica) throws -> PlaceID {
    let id = PlaceID(bits: 0x3000_0000_0000_0000 | UInt64(number))
    try replica.write { store in
      _ = try store.create(
        Village.place, in: PartitionID(id, .public),
        [
          ("code", .text("34.01.23.\(100 + number)")), ("name", .text("乡镇\(number)")),
          ("zone", .text("+08:00")), ("role", .text("hub")), ("hub", .text(own.description)),
        ])
    }
    return id
  }

  private static func station(
    _ number: Int, below hub: PlaceID, _ workload: BenchWorkload, _ replica: Replica
  ) throws {
    let id = BenchRig.station(number)
    try replica.write { store in
      _ = try store.create(
        Village.place, in: PartitionID(id, .public),
        [
          ("code", .text("34.01.23.\(100 + number / 40).\(200 + number % 40)")),
          ("name", .text("村\(number)")), ("zone", .text("+08:00")), ("role", .text("station")),
          ("hub", .text(hub.description)),
        ])
      let work = PartitionID(id, .work)
      let plan = try store.create(
        Village.plan, in: work,
        [
          ("kind", .text("month")), ("period", .text(month)), ("version", .integer(1)),
          ("issues", .text("1 1767200000")),
        ])
      for fields in workload.plan(items: 168, plan: plan) + workload.plan(items: 12, plan: plan) {
        _ = try store.create(Village.planItem, in: work, fields + [("issue", .integer(1))])
      }
      for cells in workload.plays(station: number, days: 0..<25, perDay: 40) {
        _ = try store.log(Village.playback, in: PartitionID(id, .log), cells)
      }
      var contact = try store.contact(id)
      contact.reach = 1_780_000_000
      try store.setContact(id, contact)
    }
  }

  /// Medians of whole commands.
  func report(_ runs: Int) throws -> (seconds: Double, mebibytes: Double) {
    let used = try (0..<runs).map { _ in
      try BenchCommandRun("report", "played", "--data", folder, "--month", Self.month).finish()
    }
    return (
      BenchClock.median(used.map(\.seconds)), used.map(\.mebibytes).max() ?? 0
    )
  }
}

/// A command of this program as a process of its own.
private struct BenchCommandRun {
  private let arguments: [String]

  init(_ arguments: String...) { self.arguments = arguments }

  /// The CPU seconds and the peak of resident memory that it used.
  @discardableResult
  func finish() throws -> (seconds: Double, mebibytes: Double) {
    var child = pid_t()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    var words: [UnsafeMutablePointer<CChar>?] = (["yizhan"] + arguments).map { strdup($0) }
    defer { for word in words { free(word) } }
    words.append(nil)
    guard posix_spawn(&child, "/proc/self/exe", &actions, nil, words, environ) == 0 else {
      throw Failure(code: "internal", reason: "cannot run \(arguments)")
    }
    var status: Int32 = 0
    var used = rusage()
    while wait4(child, &status, 0, &used) < 0, errno == EINTR {}
    guard status == 0 else {
      throw Failure(code: "internal", reason: "failed: \(arguments.joined(separator: " "))")
    }
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return (seconds(used.ru_utime) + seconds(used.ru_stime), Double(used.ru_maxrss) / 1024)
  }
}
