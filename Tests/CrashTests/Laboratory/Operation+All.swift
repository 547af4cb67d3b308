import CCrashDisk
import Causality
import Exchange
import Records
import Village

@testable import Replica

extension Operation {
  static let all = [
    playbacks, edits, takeEvents, takeRecords, takeTorn, sendBundles, make, upgrade, release,
    backup, checkpoints, invite, rotateKeys, drop,
  ]

  /// Playbacks are logged, a few at a time.
  static let playbacks = Operation(name: "playbacks", subject: .station) { stage in
    for _ in 0..<4 {
      let count = 1 + stage.dice.below(4)
      try stage.write { machine, store in
        for number in 0..<count { _ = try machine.play(store, number) }
      }
    }
  }

  /// Items of plans are made, changed and deleted.
  static let edits = Operation(name: "edits", subject: .hub) { stage in
    let notices = try stage.subject().persona.notices
    let items = try stage.write { machine, store in
      try (0..<3).map { try machine.item(store, "new \($0)", in: notices) }
    }
    for item in items {
      let title = stage.dice.text(stage.dice.below(200))
      try stage.write { _, store in
        try store.update(Village.planItem, item, in: notices, [("title", .text(title))])
      }
    }
    try stage.write { _, store in
      try store.delete(Village.planItem, items[stage.dice.below(3)], in: notices)
    }
  }

  /// A station's log is merged at its hub.
  static let takeEvents = Operation(
    name: "take-events", subject: .hub,
    prepare: { stage in
      for _ in 0..<3 {
        try stage.other.replica.write { store in
          for _ in 0..<(5 + stage.dice.below(30)) {
            _ = try stage.other.play(store, stage.dice.below(99))
          }
        }
        let place = try stage.subject().persona.place
        stage.post.append(
          try stage.other.replica.write { try stage.other.bundle(for: place, $0).bytes })
      }
    },
    run: { stage in for bytes in stage.post { try stage.take(bytes) } })

  /// A hub's plans and programmes are merged at a station.
  static let takeRecords = Operation(
    name: "take-records", subject: .station,
    prepare: { stage in
      let other = stage.other
      for round in 0..<2 {
        try other.replica.write { store in
          for number in 0..<(2 + stage.dice.below(9)) {
            _ = try other.item(store, stage.dice.text(40), in: other.persona.notices)
            try other.programme(store, "Q\(round) \(number)")
          }
        }
        let place = try stage.subject().persona.place
        stage.post.append(try other.replica.write { try other.bundle(for: place, $0).bytes })
      }
    },
    run: { stage in for bytes in stage.post { try stage.take(bytes) } })

  /// Bundles arrive cut short or damaged, and later whole: their good pieces are kept.
  static let takeTorn = Operation(
    name: "take-torn", subject: .station,
    prepare: { stage in
      let other = stage.other
      try other.replica.write { store in
        for _ in 0..<60 {
          _ = try other.item(store, stage.dice.text(400), in: other.persona.notices)
        }
      }
      let place = try stage.subject().persona.place
      stage.post.append(try other.replica.write { try other.bundle(for: place, $0).bytes })
    },
    run: { stage in
      let whole = stage.post[0]
      try stage.take(Array(whole.prefix(whole.count - 1 - stage.dice.below(whole.count / 3))))
      try stage.take(whole)
    })

  /// Bundles are written, numbered and handed out.
  static let sendBundles = Operation(
    name: "send", subject: .station,
    run: { stage in
      for number in 0..<2 {
        try stage.write { machine, store in _ = try machine.play(store, number) }
        try stage.send()
      }
    })

  /// A station is made and joins its hub.
  static let make = Operation(
    name: "make", subject: .station, mayBeMissing: true,
    prepare: { stage in stage.clear() },
    run: { stage in
      try stage.begin(stage.persona.create(on: stage.disk, stage.dice))
      try stage.acknowledge(commits: .max)
      let code = stage.persona.code
      let invitation = try stage.other.replica.write {
        try Membership.invite($0, code: code, name: "村", replaces: true)
      }
      try stage.write { _, store in try Membership.join(store, invitation) }
      try stage.write { machine, store in _ = try machine.play(store, 1) }
      try stage.send()
    })

  /// A version that knows fewer collections and fields has made the database.
  static let upgrade = Operation(
    name: "upgrade", subject: .station,
    prepare: { stage in
      stage.clear()
      let machine = try stage.persona.create(on: stage.disk, stage.dice, schema: .ofBefore)
      let code = stage.persona.code
      let invitation = try stage.other.replica.write {
        try Membership.invite($0, code: code, name: "村", replaces: true)
      }
      try machine.replica.write { store in
        try Membership.join(store, invitation)
        for number in 0..<20 { _ = try machine.play(store, number) }
      }
      // Among it collections that it does not know, and keeps for a version that does.
      try machine.exchange(with: stage.other)
    },
    run: { stage in
      _ = try stage.subject()
      try stage.acknowledge(commits: .max)
      try stage.write { machine, store in _ = try machine.play(store, 1) }
    })

  /// Items are deleted, the station confirms, and their content is released.
  static let release = Operation(
    name: "release", subject: .hub,
    prepare: { stage in
      let machine = try stage.subject()
      stage.records = try machine.replica.write { store in
        try (0..<9).map { _ in
          try machine.item(store, stage.dice.text(300), in: machine.persona.notices)
        }
      }
      try machine.exchange(with: stage.other)
    },
    run: { stage in
      let notices = stage.persona.notices
      for item in stage.records.prefix(2 + stage.dice.below(7)) {
        try stage.write { _, store in try store.delete(Village.planItem, item, in: notices) }
      }
      try stage.send()
      try stage.other.take(stage.post.removeLast())
      try stage.take(stage.other.bundle(for: stage.subject()))
      try stage.write { _, store in _ = try Release.run(store) }
    })

  /// A copy of the database is written, and what is in it is noted as safe.
  static let backup = Operation(
    name: "backup", subject: .hub,
    run: { stage in
      let machine = try stage.subject()
      let vectors = try machine.replica.read { try $0.vectors() }
      try machine.replica.copy(to: stage.disk.path("backup.db"))
      try stage.acknowledge(commits: 0)
      try stage.write { _, store in
        for (partition, vector) in vectors { try store.setSafe(partition, vector) }
      }
    })

  /// The log is moved into the database again and again, and when it is closed; and it goes on.
  static let checkpoints = Operation(
    name: "checkpoints", subject: .station,
    run: { stage in
      for _ in 0..<2 {
        try stage.subject().checkpointEvery(pages: 6 + stage.dice.below(20))
        for number in 0..<4 {
          let letters = stage.dice.below(900)
          try stage.write { machine, store in
            _ = try machine.play(store, number)
            _ = try machine.item(store, stage.dice.text(letters), in: machine.persona.work)
          }
        }
        stage.close()
      }
    })

  /// A second station is invited and comes with its keys.
  static let invite = Operation(
    name: "invite", subject: .hub,
    run: { stage in
      let guest = Persona("34.01.23.109.301", .station)
      let invitation = try stage.write { _, store in
        try Membership.invite(store, code: guest.code, name: "新村")
      }
      let machine = try guest.create(on: CrashDisk(.plain), stage.dice)
      try machine.replica.write { store in
        try Membership.join(store, invitation)
        _ = try machine.play(store, 1)
      }
      try stage.take(machine.bundle(for: stage.subject()))
    })

  /// A station gets new keys and tells its hub.
  static let rotateKeys = Operation(
    name: "rotate-keys", subject: .station,
    run: { stage in
      stage.rotate()
      try stage.write { _, store in try Keyring.rotated(store) }
      try stage.send()
      try stage.other.take(stage.post.removeLast())
      try stage.take(stage.other.bundle(for: stage.subject()))
    })

  /// A partition of records is given up, and told anew.
  static let drop = Operation(
    name: "drop", subject: .station,
    run: { stage in
      let notices = stage.other.persona.notices
      try stage.write { _, store in try store.drop(notices) }
      try stage.send()
      let answers = try (0..<2).map { _ in
        try stage.other.take(stage.post.removeLast())
        let answer = try stage.other.bundle(for: stage.subject())
        try stage.take(answer)
        try stage.send()
        return answer
      }
      _ = answers
    })
}

extension Schema {
  /// What an earlier version might have declared.
  fileprivate static let ofBefore: Schema = {
    let whole = Village.schema
    let item = RecordCollection(
      "plan_item", in: [.public, .work],
      Village.planItem.fields.filter { $0.name != "start" && $0.name != "seconds" })
    let records = whole.records.filter { !["plan_item", "programme", "report"].contains($0.name) }
    return Schema(records: records + [item], events: whole.events)
  }()
}
