import Foundation
import Testing
@Suite struct AbuseOne {
  @Test func abuseOne() throws {
    guard let text = ProcessInfo.processInfo.environment["ABUSE"], let seed = Int(text), let end = Int(ProcessInfo.processInfo.environment["ABUSE_END"]!) else { return }
    let ground = try Ground()
    let path = try Abuse.prepare(ground, Seeded(8))
    setlinebuf(stdout)
    for s in seed..<end { print("seed \(s)"); try Abuse.run(path, in: ground.folder, seeds: s..<s+1) }
  }
}
