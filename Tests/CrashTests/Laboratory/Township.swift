import Causality
import Village

@testable import Replica

/// A township's hub and a station that know each other, at rest on disks that can be copied.
struct Township {
  let hub = Persona("34.01.23.109", .hub)
  let station = Persona("34.01.23.109.207", .station)
  let hubDisk: CrashDisk
  let stationDisk: CrashDisk

  init(_ nature: CrashDisk.Nature, _ dice: Seeded) throws {
    hubDisk = CrashDisk(nature)
    stationDisk = CrashDisk(nature)
    let upper = try hub.create(on: hubDisk, dice)
    let lower = try station.create(on: stationDisk, dice)
    let invitation = try upper.replica.write { store in
      try Membership.found(store, code: hub.code, name: "镇", zone: .china)
      for number in 0..<3 { try upper.programme(store, "P\(number)") }
      for number in 0..<6 { _ = try upper.item(store, "plan \(number)", in: hub.notices) }
      return try Membership.invite(store, code: station.code, name: "村")
    }
    try lower.replica.write { store in
      try Membership.join(store, invitation)
      for number in 0..<9 { _ = try lower.play(store, number) }
      _ = try lower.item(store, "own", in: station.work)
    }
    try lower.exchange(with: upper, rounds: 3)
  }

  func persona(_ role: Role) -> Persona { role == .hub ? hub : station }
  func disk(_ role: Role) -> CrashDisk { role == .hub ? hubDisk : stationDisk }
}
