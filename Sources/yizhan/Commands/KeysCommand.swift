internal import ArgumentParser
internal import Causality
internal import Replica
internal import Trust
internal import Village
internal import Wording

struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: said("Show the keys of a data folder, or replace them."),
    subcommands: [Show.self, Rotate.self], defaultSubcommand: Show.self)

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Show the names of the keys: none is a secret."),
      discussion: said(
        """
        Two people who read the same name to each other over the telephone have the same keys before \
        them. With the hub's they also see how old the lists of revoked keys are.
        """))

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let secrets = try KeyFile(folder: data.data).required().compactMap { SecretKeys($0) }
      let sight = try data.folder.openForReading().read { try KeySight($0) }
      var lines = secrets.enumerated().map { index, keys in
        said(
          index == 0 ? "own keys: \(keys.publicKeys.name)" : "older keys: \(keys.publicKeys.name)")
      }
      if let serial = sight.serial { lines.append(said("certificate: \(serial)")) }
      if let rights = sight.rights, rights != .all {
        lines.append(
          said("may read \(Rights.list(rights.reads)) and write \(Rights.list(rights.writes))"))
      }
      if let above = sight.above { lines.append(said("the hub's keys: \(above.name)")) }
      for list in sight.lists {
        lines.append(
          said(
            "revoked by \(list.name): list \(list.number) of \(list.made), \(list.count) places"))
      }
      Console.print(
        json: output.json,
        .object([
          ("keys", .list(secrets.map { .text($0.publicKeys.name) })),
          ("serial", .optional(sight.serial.map(Int64.init))),
          ("reads", .optional(sight.rights.map { Rights.list($0.reads) })),
          ("writes", .optional(sight.rights.map { Rights.list($0.writes) })),
          ("hub", .optional(sight.above?.name)),
          (
            "revocations",
            .list(
              sight.lists.map {
                .object([
                  ("issuer", .text($0.name)), ("number", .number(Int64($0.number))),
                  ("made", .text($0.made)), ("places", .number(Int64($0.count))),
                ])
              })
          ),
        ]), lines.joined(separator: "\n"))
    }
  }

  struct Rotate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Make new keys; the old ones vouch for them."),
      discussion: said(
        """
        Neighbours learn of the new keys with the next bundles, and what was sealed for the old ones \
        can still be read. It helps against keys that somebody may guess or copy one day, not \
        against somebody who has them: then invite the place anew with --replace. Make a backup \
        afterwards: an older one brings back older keys, which are believed no more.
        """))

    @OptionGroup var data: DataOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let file = KeyFile(folder: data.data)
      // While nobody else has the folder open.
      let before = try data.folder.open()
      do { try file.rotate() } catch {
        before.close()
        throw error
      }
      before.close()
      // If this is cut short, the next command does it.
      let open = try data.folder.open()
      try open.replica.write { try Keyring.rotated($0) }
      let name = try open.replica.read { try Keyring.own($0).publicKeys.name }
      open.close()
      Console.print(
        json: output.json, .object([("keys", .text(name))]), said("The keys are \(name) now."))
    }
  }
}

/// What a replica knows of keys.
private struct KeySight {
  let serial: UInt64?
  let rights: Rights?
  let above: PublicKeys?
  let lists: [(name: String, number: UInt64, made: String, count: Int)]

  init(_ store: Store) throws {
    let certificate = try Places.own(store).certificate
    serial = certificate?.serial
    rights = certificate?.rights
    above = try Keyring.above(store)
    let zone = try Places.zone(store)
    lists = try ([store.identity.place] + Places.ancestors(store)).compactMap { issuer in
      let known = try Revoking.known(of: issuer, store)
      guard known.number > 0 else { return nil }
      let name = try Places.find(store, id: issuer)?.name ?? issuer.description
      return (
        name, known.number, Instant(seconds: Int64(clamping: known.made)).shortText(in: zone),
        known.serials.count
      )
    }
  }
}
