internal import ArgumentParser
internal import Causality
internal import Replica
internal import Sync
internal import Village

struct HubCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hub", abstract: "Found a hub and invite stations to it.",
    subcommands: [Init.self, Invite.self, Run.self])

  struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a new data folder the hub of a place.",
      discussion: "Example: yizhan hub init --data hub --place 34.01.23.109 --name 丰乐镇")

    @OptionGroup var data: DataOptions
    @Option(help: ArgumentHelp("The place's code, with or without dots.", valueName: "code"))
    var place: String
    @Option(help: "The place's name.") var name: String
    @Option(help: ArgumentHelp("Hours ahead of UTC, for the whole tree.", valueName: "+hh:mm"))
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
        "\(data.data) is now the hub of \(code) \(name).")
    }
  }

  struct Invite: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a station known and print its invitation, one line.",
      discussion: """
        Give the line to the station's keeper, who runs `yizhan station join`. Inviting the same \
        place again prints the same invitation. Under another name that is an error, unless \
        --rename says that the place is to be renamed.
        """)

    @OptionGroup var data: DataOptions
    @Option(help: ArgumentHelp("The station's code, below this hub's.", valueName: "code"))
    var place: String
    @Option(help: "The station's name.") var name: String
    @Flag(help: "Give this name to a place that is there under another.") var rename = false
    @Option(
      help:
        "Where the station finds this hub, such as http://10.0.0.1:8100; else where it last ran.")
    var url: String?
    @OptionGroup var output: OutputOptions

    func run() throws {
      let code = try Arguments.code(place)
      let name = try Arguments.name(name)
      let open = try data.folder.open()
      let invitation = try open.replica.write {
        try Membership.invite(
          $0, code: code, name: name, url: try url.map(Arguments.url),
          ifNamedOtherwise: rename ? .rename : .refuse)
      }
      Console.print(
        json: output.json,
        .object([
          ("place", .text(code.dotted)), ("name", .text(name)),
          ("invitation", .text(invitation.text)),
        ]), invitation.text)
    }
  }
}

struct StationCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "station", abstract: "Set up a village's station.",
    subcommands: [Join.self, Run.self])

  struct Join: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a new data folder the station that an invitation is for.")

    @OptionGroup var data: DataOptions
    @Option(
      help: ArgumentHelp("The line that `yizhan hub invite` printed.", valueName: "text"))
    var invitation: String
    @OptionGroup var output: OutputOptions

    func run() throws {
      let invitation = try Invitation(invitation)
      let identity = Identity(Author(place: invitation.place, role: .station))
      let open = try data.folder.create(as: identity)
      try open.replica.write { try Membership.join($0, invitation) }
      Console.print(
        json: output.json,
        .object([("place", .text(invitation.code.dotted)), ("name", .text(invitation.name))]),
        "\(data.data) is now the station of \(invitation.code) \(invitation.name), "
          + "under \(invitation.hubName).")
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
