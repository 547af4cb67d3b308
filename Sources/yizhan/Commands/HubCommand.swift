internal import ArgumentParser
internal import Causality
internal import Replica
internal import Sync
internal import Village
internal import Wording

struct HubCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hub", abstract: said("Found a hub, and keep the tree of places below it."),
    subcommands: [
      Init.self, Invite.self, Join.self, Move.self, Retire.self, Revoke.self, Allow.self, Run.self,
    ])

  struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Make a new data folder the hub of a place."),
      discussion: said("Example: yizhan hub init --data hub --place 34.01.23.109 --name 丰乐镇"))

    @OptionGroup var data: DataOptions
    @Option(help: ArgumentHelp(said("The place's code, with or without dots."), valueName: "code"))
    var place: String
    @Option(help: ArgumentHelp(said("The place's name."))) var name: String
    @Option(
      help: ArgumentHelp(said("Hours ahead of UTC, for the whole tree."), valueName: "+hh:mm"))
    var zone = "+08:00"
    @OptionGroup var output: OutputOptions

    func run() throws {
      let code = try Arguments.code(place)
      guard let zone = TimeZoneOffset(zone) else {
        throw VillageError(
          .badZone, "'\(zone)' is no offset from UTC", hint: "write --zone as +08:00 or -03:30")
      }
      let name = try Arguments.name(name)
      let identity = Identity(Author(place: code.foundingID, role: .hub))
      let open = try data.folder.create(as: identity)
      try open.replica.write { try Membership.found($0, code: code, name: name, zone: zone) }
      Console.print(
        json: output.json, .object([("place", .text(code.dotted)), ("name", .text(name))]),
        said("\(data.data) is now the hub of \(code) \(name)."))
    }
  }

  struct Invite: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Make a station or a hub below known and print its invitation, one line."),
      discussion: said(
        """
        Give the line to the station's keeper, who runs `yizhan station join`; with --hub to those \
        who keep the hub there, who run `yizhan hub join`. Inviting the same \
        place again prints the same invitation: it is good for one machine. Under another name that is an error, unless \
        --rename says that the place is to be renamed.
        """))

    @OptionGroup var data: DataOptions
    @Option(help: ArgumentHelp(said("The station's code, below this hub's."), valueName: "code"))
    var place: String
    @Option(help: ArgumentHelp(said("The station's name."))) var name: String
    @Flag(help: ArgumentHelp(said("Give this name to a place that is there under another.")))
    var rename = false
    @Flag(help: ArgumentHelp(said("The place has a hub of its own."))) var hub = false
    @Flag(
      help: ArgumentHelp(
        said(
          "The machine that joined before is lost: another takes its place, and it is believed no more."
        )))
    var replace = false
    @Option(help: ArgumentHelp(said("For how many days the invitation is good.")))
    var days: Int64 = Grant.daysDefault
    @Option(
      help:
        ArgumentHelp(
          said(
            "Where the station finds this hub, such as http://10.0.0.1:8100; else where it last ran."
          )))
    var url: String?
    @Flag(help: ArgumentHelp(said("Show the line as a QR code too."))) var qr = false
    @Option(
      help: ArgumentHelp(
        said(
          "Write the line to this file, or into this folder of a stick, instead of printing it. Only its owner can read it."
        ), valueName: "path"))
    var to: String?
    @OptionGroup var output: OutputOptions

    func validate() throws {
      if qr, output.json { throw ValidationError("--qr is for people: give --json or --qr") }
    }

    func run() throws {
      let code = try Arguments.code(place)
      let name = try Arguments.name(name)
      let open = try data.folder.open()
      let invitation = try open.replica.write {
        try Membership.invite(
          $0, code: code, name: name, as: hub ? .hub : .station, url: try url.map(Arguments.url),
          ifNamedOtherwise: rename ? .rename : .refuse, days: min(max(days, 1), 36_500),
          replaces: replace)
      }
      let file = try to.map { try InvitationFile.write(invitation, to: $0) }
      if qr { QRCodeOutput.show(invitation.text) }
      Console.print(
        json: output.json,
        .object([
          ("place", .text(code.dotted)), ("name", .text(name)),
          file.map { ("file", .text($0)) } ?? ("invitation", .text(invitation.text)),
        ]),
        file.map {
          said("The invitation of \(code) \(name) is in \($0). Delete the file when it was used.")
        } ?? invitation.text)
    }
  }
}

extension HubCommand {
  struct Join: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Put a hub under the one that an invitation is from."),
      discussion: said(
        """
        A data folder that is not there yet becomes a new hub. A hub that is there keeps all it \
        has: it and its stations get another place above them.
        """))

    @OptionGroup var data: DataOptions
    @Option(
      help: ArgumentHelp(
        said("The line that `yizhan hub invite --hub` printed, or a file that holds it."),
        valueName: "text"))
    var invitation: String
    @OptionGroup var output: OutputOptions

    func run() throws {
      try data.folder.join(try InvitationFile.read(invitation), as: .hub, output)
    }
  }

  struct Move: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Move a place under another hub."),
      discussion: said(
        """
        Run this at a hub that is above both. The order travels to the place through its old hub; \
        what was written there and not sent yet goes to the old hub first. Then the place \
        exchanges with the new one, whose plans take the place of the old ones.
        """))

    @OptionGroup var data: DataOptions
    @Option(help: ArgumentHelp(said("The place, by code or name."), valueName: "code")) var place:
      String
    @Option(help: ArgumentHelp(said("The new hub, by code or name."), valueName: "code")) var to:
      String
    @Option(
      help: ArgumentHelp(
        said("The place's new code; else the last part of the old one under the new hub's."),
        valueName: "code"))
    var code: String?
    @Option(
      help: ArgumentHelp(said("Where the place finds the new hub; without it, by stick only.")))
    var url: String?
    @OptionGroup var output: OutputOptions

    func run() throws {
      let open = try data.folder.open()
      let url = try url.map(Arguments.url)
      let given = try code.map(Arguments.code)
      let (moved, hub, code) = try open.replica.write { store in
        let moved = try Places.find(store, place)
        let hub = try Places.find(store, to)
        let last = moved.code.segments.last ?? ""
        let code = try given ?? Arguments.code("\(hub.code.dotted).\(last)")
        try Moving.order(store, moved, to: hub, code: code, url: url)
        return (moved, hub, code)
      }
      Console.print(
        json: output.json,
        .object([
          ("place", .text(code.dotted)), ("name", .text(moved.name)),
          ("hub", .text(hub.code.dotted)),
        ]),
        said(
          """
          \(moved.code) \(moved.name) is to be \(code) under \(hub.code) \(hub.name). The order \
          goes out with the next exchanges.
          """))
    }
  }

  struct Retire: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Wait for a place no longer."),
      discussion: said(
        """
        Nothing is written for a retired place, and what was deleted is released without it. It \
        may come back at any time and merges like any other; invite it again, or give --undo, and \
        it is waited for again.
        """))

    @OptionGroup var data: DataOptions
    @Option(help: ArgumentHelp(said("The place, by code or name."), valueName: "code")) var place:
      String
    @Flag(help: ArgumentHelp(said("Wait for it again."))) var undo = false
    @OptionGroup var output: OutputOptions

    func run() throws {
      let open = try data.folder.open()
      let place = try open.replica.write { store in
        let place = try Places.find(store, self.place)
        try Moving.retire(store, place, !undo)
        return place
      }
      Console.print(
        json: output.json,
        .object([("place", .text(place.code.dotted)), ("retired", .flag(!undo))]),
        said(
          undo
            ? "\(place.code) \(place.name) is waited for again."
            : "\(place.code) \(place.name) is retired."))
    }
  }
}

extension DataFolder {
  /// Makes the folder what an invitation is for, or puts what is there under the inviting hub.
  fileprivate func join(
    _ invitation: Invitation, as role: Role, _ output: OutputOptions
  ) throws {
    guard invitation.role == role else {
      let command = invitation.role == .hub ? "hub" : "station"
      throw VillageError(
        .badInvitation,
        invitation.role == .hub ? "the invitation is for a hub" : "the invitation is for a station",
        hint: "run `yizhan \(command) join` with it")
    }
    let identity = Identity(Author(place: invitation.place, role: role))
    let open = try hasDatabase ? self.open() : create(as: identity)
    guard open.replica.identity.role == role else {
      throw Failure(
        code: "wrong_role",
        reason: role == .hub ? "\(path) is a station's folder" : "\(path) is a hub's folder",
        hint: "check --data")
    }
    try open.replica.write { try Membership.join($0, invitation) }
    let joined: Message = "\(invitation.code) \(invitation.name), under \(invitation.hubName)"
    Console.print(
      json: output.json,
      .object([("place", .text(invitation.code.dotted)), ("name", .text(invitation.name))]),
      said(
        role == .hub
          ? "\(path) is now the hub of \(joined)." : "\(path) is now the station of \(joined)."))
  }
}

struct StationCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "station", abstract: said("Set up a village's station."),
    subcommands: [Join.self, Run.self])

  struct Join: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: said("Make a data folder the station that an invitation is for."),
      discussion: said(
        """
        A data folder that is not there yet becomes a new station. One that is there, of the same \
        place, goes over to the hub that the invitation is from.
        """))

    @OptionGroup var data: DataOptions
    @Option(
      help: ArgumentHelp(
        said("The line that `yizhan hub invite` printed, or a file that holds it."),
        valueName: "text"))
    var invitation: String
    @OptionGroup var output: OutputOptions

    func run() throws {
      try data.folder.join(try InvitationFile.read(invitation), as: .station, output)
    }
  }
}

/// Reading what people type.
enum Arguments {
  /// A name that people can see.
  static func name(_ text: String) throws -> String {
    guard text.contains(where: { !$0.isWhitespace }) else {
      throw ValidationError("--name is empty")
    }
    return text
  }

  /// Names of sections, with commas between.
  static func sections(_ text: String, all: [Section]) throws -> Set<Section> {
    if text == "all" { return Set(all) }
    if text == "none" { return [] }
    return Set(
      try text.split(separator: ",").map { name in
        guard let section = Section(name: name) else {
          throw ValidationError(
            "'\(name)' is no section: they are urgent, public, work, log and people")
        }
        return section
      })
  }

  /// The address of a hub.
  static func url(_ text: String) throws -> String {
    let rest = ["http://", "https://"].first { text.hasPrefix($0) }.map { text.dropFirst($0.count) }
    guard let rest, !rest.isEmpty, !rest.hasPrefix("/"), text.allSatisfy({ !$0.isWhitespace })
    else {
      throw ValidationError("--url is http://HOST:PORT or https://HOST:PORT, not '\(text)'")
    }
    return text
  }

  /// `06:00-08:00` as minutes of the day.
  static func hours(_ text: String) throws -> Rhythm.Hours {
    let ends = text.split(separator: "-").map { end -> Int? in
      let parts = end.split(separator: ":").compactMap { Int($0) }
      guard parts.count == 2, (0...24).contains(parts[0]), (0..<60).contains(parts[1]) else {
        return nil
      }
      return parts[0] * 60 + parts[1]
    }
    guard ends.count == 2, let from = ends[0], let to = ends[1], from != to else {
      throw ValidationError("--hours is HH:MM-HH:MM, not '\(text)'")
    }
    return Rhythm.Hours(from: from, to: to)
  }

  /// HOST:PORT, as in `0.0.0.0:8100` or `[::1]:8100`.
  static func listen(_ text: String) throws -> (host: String, port: Int) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
      colon > text.startIndex
    else { throw ValidationError("--listen is HOST:PORT, not '\(text)'") }
    let host = text[..<colon].drop { $0 == "[" }.prefix { $0 != "]" }
    return (String(host), Int(port))
  }

  static func code(_ text: String) throws -> PlaceCode {
    guard let code = PlaceCode(text) else {
      throw VillageError(
        .badPlaceCode, "'\(text)' is no place code",
        hint: "write codes as 34.01.23.109.207 or 340123109207")
    }
    return code
  }
}
