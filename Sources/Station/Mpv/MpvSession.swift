internal import Village

/// What is to be done about something that mpv has said.
enum MpvAction: Equatable {
  /// A line to be sent.
  case send(String)
  /// A file is playing since then: seconds since the machine started.
  case start(PlayedMedia, since: Double)
  /// For so many milliseconds so far.
  case beat(played: Int64)
  case end(PlayingBook.PlayerEnd)
  /// What was started was nothing.
  case discard
}

/// One connection to mpv, without I/O: what it says (mpv(1), JSON IPC) becomes playbacks.
///
/// Time counts while the core really plays, by the time since the machine started: a pause does
/// not count, and what is sought back to and seen again does. Files begin and end with mpv's events,
/// since a property that has changed twice is told once.
struct MpvSession: ~Copyable {
  private enum Phase {
    case idle
    /// A file is loaded; its name and title have been asked for.
    case asking(since: Double, path: String?)
    case playing(PlayedMedia)
    /// The end was reached, and mpv keeps the file open.
    case reached
  }

  /// Shorter plays are somebody looking for the right file.
  private static let playedMin = 1.0

  private var phase = Phase.idle
  /// Counts loaded files, so that answers about an earlier one are known.
  private var load = 0
  private var playedBefore = 0.0
  private var playsSince: Double?

  /// To be done first.
  mutating func greet(at now: Double) -> [MpvAction] {
    [
      .send(#"{"command":["observe_property",1,"core-idle"]}"#),
      .send(#"{"command":["observe_property",2,"eof-reached"]}"#),
    ] + ask(since: now)
  }

  /// Takes in a message that came at `now`.
  mutating func take(_ message: JSONValue, at now: Double) -> [MpvAction] {
    switch message["event"]?.text {
    case "file-loaded": return finish("unknown", at: now) + ask(since: now)
    case "end-file": return ended(message, at: now)
    case "property-change": return changed(message, at: now)
    case nil: return answered(message, at: now)
    default: return []
    }
  }

  /// The time has come for a sign of life.
  func beat(at now: Double) -> [MpvAction] {
    guard case .playing = phase else { return [] }
    return [.beat(played: Self.milliseconds(played(at: now)))]
  }

  /// The connection is gone: mpv was killed, or nobody listens to it any more.
  mutating func close(at now: Double) -> [MpvAction] { finish("unknown", at: now) }

  // MARK: Files

  private mutating func ask(since now: Double) -> [MpvAction] {
    load += 1
    phase = .asking(since: now, path: nil)
    playedBefore = 0
    if playsSince != nil { playsSince = now }
    return ["path", "media-title"].enumerated().map { index, name in
      .send(#"{"command":["get_property","\#(name)"],"request_id":\#(load * 2 + index)}"#)
    }
  }

  private mutating func answered(_ message: JSONValue, at now: Double) -> [MpvAction] {
    guard case .asking(let since, let path) = phase, let id = message["request_id"]?.integer
    else { return [] }
    let data = message["error"]?.text == "success" ? message["data"]?.text : nil
    switch id - load * 2 {
    case 0:
      // Nothing is loaded.
      phase = data.map { .asking(since: since, path: $0) } ?? .idle
      return []
    case 1:
      guard let path else { return [] }
      let media = PlayedMedia(path: path, title: data)
      phase = .playing(media)
      return [.start(media, since: since)]
    default: return []
    }
  }

  private mutating func ended(_ message: JSONValue, at now: Double) -> [MpvAction] {
    switch message["reason"]?.text {
    case "eof": return finish("completed", at: now)
    case "stop", "quit": return finish("stopped", at: now)
    case "error":
      var isRemote = false
      if case .playing(let media) = phase { isRemote = media.isRemote }
      let cause = message["file_error"]?.text ?? "error"
      return finish(isRemote ? "no_signal" : "stopped", note: "mpv: \(cause)", at: now)
    default: return finish("unknown", at: now)
    }
  }

  private mutating func finish(
    _ outcome: String, note: String? = nil, at now: Double
  ) -> [MpvAction] {
    let (before, played) = (phase, played(at: now))
    phase = .idle
    guard case .playing = before else { return [] }
    guard played >= Self.playedMin else { return [.discard] }
    return [.end(.init(outcome: outcome, played: Self.milliseconds(played), note: note))]
  }

  // MARK: Properties

  private mutating func changed(_ message: JSONValue, at now: Double) -> [MpvAction] {
    switch message["name"]?.text {
    case "core-idle":
      if message["data"]?.flag == false {
        playsSince = playsSince ?? now
      } else {
        playedBefore = played(at: now)
        playsSince = nil
      }
      return []
    case "eof-reached":
      if message["data"]?.flag == true, case .playing = phase {
        let actions = finish("completed", at: now)
        phase = .reached
        return actions
      }
      // Somebody has gone back in a file that was at its end.
      if message["data"]?.flag == false, case .reached = phase { return ask(since: now) }
      return []
    default: return []
    }
  }

  private func played(at now: Double) -> Double {
    playedBefore + (playsSince.map { max(0, now - $0) } ?? 0)
  }

  private static func milliseconds(_ seconds: Double) -> Int64 { Int64(seconds * 1000) }
}
