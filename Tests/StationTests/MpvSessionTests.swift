import Testing
import Village

@testable import Station

/// What mpv says, as playbacks: no mpv and no clock.
@Suite struct MpvSessionTests {
  /// A session that is told things at given times, and what it wanted done.
  private struct Told: ~Copyable {
    var session = MpvSession()
    /// Without what is sent.
    var done: [MpvAction] = []
    var asked = 0
    private var load = 0

    init(at now: Double = 100) {
      note(session.greet(at: now))
    }

    private mutating func note(_ actions: [MpvAction]) {
      for action in actions {
        if case .send(let line) = action {
          asked += 1
          if line.contains("\"path\"") { load += 1 }
        } else {
          done.append(action)
        }
      }
    }

    mutating func say(_ text: String, at now: Double) {
      guard let message = JSONValue(Array(text.utf8)) else {
        Issue.record("\(text) is no JSON")
        return
      }
      note(session.take(message, at: now))
    }

    mutating func event(_ name: String, _ more: String = "", at now: Double) {
      say(#"{"event":"\#(name)"\#(more)}"#, at: now)
    }

    mutating func moves(_ isMoving: Bool, at now: Double) {
      event("property-change", #","id":1,"name":"core-idle","data":\#(!isMoving)"#, at: now)
    }

    mutating func reached(_ isReached: Bool, at now: Double) {
      event("property-change", #","id":2,"name":"eof-reached","data":\#(isReached)"#, at: now)
    }

    /// The answers to what was asked last.
    mutating func answer(_ path: String?, _ title: String? = nil, at now: Double) {
      for (index, text) in [path, title].enumerated() {
        let data = text.map { #""error":"success","data":"\#($0)""# }
        say(
          #"{"request_id":\#(load * 2 + index),\#(data ?? #""error":"property unavailable""#)}"#,
          at: now)
      }
    }

    mutating func loaded(_ path: String, at now: Double) {
      event("file-loaded", at: now)
      answer(path, at: now + 0.01)
    }

    mutating func ends(_ reason: String, _ more: String = "", at now: Double) {
      event("end-file", #","reason":"\#(reason)","playlist_entry_id":1\#(more)"#, at: now)
    }

    mutating func close(at now: Double) { note(session.close(at: now)) }
    mutating func beat(at now: Double) { note(session.beat(at: now)) }
  }

  private static func media(_ path: String, _ title: String? = nil) -> PlayedMedia {
    PlayedMedia(path: path, title: title)
  }

  private static func ended(
    _ outcome: String, _ milliseconds: Int64, _ note: String? = nil
  ) -> MpvAction {
    .end(.init(outcome: outcome, played: milliseconds, note: note))
  }

  @Test func `a file is played from its loading to its end`() {
    var told = Told()
    #expect(told.asked == 4)
    told.answer(nil, at: 100)
    told.event("start-file", at: 110)
    told.event("file-loaded", at: 111)
    told.answer("/m/P1.mp4", "讲座", at: 111.5)
    told.moves(true, at: 112)
    told.beat(at: 142)
    told.ends("eof", at: 172)
    told.event("idle", at: 172)
    told.close(at: 180)
    #expect(
      told.done == [
        .start(Self.media("/m/P1.mp4", "讲座"), since: 111), .beat(played: 30_000),
        Self.ended("completed", 60_000),
      ])
  }

  @Test func `a playlist is an event for each file, the same one twice too`() {
    var told = Told()
    told.answer(nil, at: 100)
    for index in 0..<3 {
      let start = 200 + Double(index) * 10
      told.loaded(index < 2 ? "/m/a.mp4" : "/m/b.mp4", at: start)
      told.moves(true, at: start)
      told.ends("eof", at: start + 10)
    }
    #expect(told.done.count == 6)
    #expect(told.done.filter { $0 == Self.ended("completed", 10_000) }.count == 3)
    #expect(told.done[4] == .start(Self.media("/m/b.mp4"), since: 220))
  }

  @Test func `pauses and waiting do not count, and what is seen twice does`() {
    var told = Told()
    told.answer(nil, at: 100)
    told.loaded("/m/a.mp4", at: 100)
    told.moves(true, at: 100)
    told.moves(true, at: 105)
    told.moves(false, at: 110)
    told.moves(false, at: 150)
    told.beat(at: 170)
    told.moves(true, at: 200)
    told.event("seek", at: 205)
    told.event("playback-restart", at: 205)
    told.ends("stop", at: 215)
    #expect(told.done.suffix(2) == [.beat(played: 10_000), Self.ended("stopped", 25_000)])
  }

  @Test func `what was playing before anybody listened counts from then on`() {
    var told = Told(at: 500)
    told.moves(true, at: 500.1)
    told.answer("/m/a.mp4", at: 500.2)
    told.ends("quit", at: 510.1)
    #expect(
      told.done == [.start(Self.media("/m/a.mp4"), since: 500), Self.ended("stopped", 10_000)])
  }

  @Test func `a file that is loaded while the first is asked for is the one that counts`() {
    var told = Told(at: 100)
    told.moves(true, at: 100)
    told.event("file-loaded", at: 100.5)
    // The answers to the first question.
    told.say(#"{"request_id":2,"error":"success","data":"/m/old.mp4"}"#, at: 100.6)
    told.say(#"{"request_id":3,"error":"success","data":"old"}"#, at: 100.6)
    told.answer("/m/new.mp4", at: 100.7)
    told.ends("eof", at: 130)
    #expect(
      told.done == [
        .start(Self.media("/m/new.mp4"), since: 100.5), Self.ended("completed", 29_500),
      ]
    )
  }

  @Test func `looking for the right file leaves nothing`() {
    var told = Told()
    told.answer(nil, at: 100)
    told.loaded("/m/a.mp4", at: 100)
    told.moves(true, at: 100)
    told.ends("stop", at: 100.9)
    // Not even named before it was over.
    told.event("file-loaded", at: 101)
    told.ends("stop", at: 101.1)
    told.answer("/m/b.mp4", at: 101.2)
    // It could not be opened.
    told.ends("error", #","file_error":"loading failed""#, at: 102)
    #expect(told.done == [.start(Self.media("/m/a.mp4"), since: 100), .discard])
  }

  @Test(
    arguments: [
      ("eof", "/m/a", "completed", nil), ("stop", "/m/a", "stopped", nil),
      ("quit", "/m/a", "stopped", nil), ("error", "/m/a", "stopped", "mpv: broken"),
      ("error", "http://x/a", "no_signal", "mpv: broken"),
      ("error", "file:///m/a", "stopped", "mpv: broken"), ("unknown", "/m/a", "unknown", nil),
      ("redirect", "/m/a", "unknown", nil),
    ] as [(String, String, String, String?)])
  func `how it ended is told`(_ reason: String, _ path: String, _ outcome: String, _ note: String?)
  {
    var told = Told()
    told.loaded(path, at: 100)
    told.moves(true, at: 100)
    told.ends(reason, #","file_error":"broken""#, at: 105)
    #expect(told.done.last == Self.ended(outcome, 5000, note))
  }

  @Test func `an mpv that is killed leaves what was played until then`() {
    var told = Told()
    told.loaded("/m/a.mp4", at: 100)
    told.moves(true, at: 100)
    told.close(at: 142)
    told.close(at: 143)
    #expect(told.done.dropFirst() == [Self.ended("unknown", 42_000)])
  }

  @Test func `the end of a file that is kept open is the end, and going back begins anew`() {
    var told = Told()
    told.loaded("/m/a.mp4", at: 100)
    told.moves(true, at: 100)
    told.reached(true, at: 130)
    told.moves(false, at: 130)
    told.beat(at: 190)
    told.reached(false, at: 500)
    told.answer("/m/a.mp4", at: 500.1)
    told.moves(true, at: 500)
    told.ends("quit", at: 520)
    #expect(
      told.done == [
        .start(Self.media("/m/a.mp4"), since: 100), Self.ended("completed", 30_000),
        .start(Self.media("/m/a.mp4"), since: 500), Self.ended("stopped", 20_000),
      ])
  }

  @Test func `a file that begins before the last one has ended ends it`() {
    var told = Told()
    told.loaded("/m/a.mp4", at: 100)
    told.moves(true, at: 100)
    told.loaded("/m/b.mp4", at: 110)
    #expect(told.done.dropFirst().first == Self.ended("unknown", 10_000))
    #expect(told.done.count == 3)
  }

  @Test func `whatever mpv says, nothing else comes of it`() {
    var told = Told()
    for text in [
      "{}", "[]", "null", #""event""#, #"{"event":7}"#, #"{"event":"end-file"}"#,
      #"{"event":"property-change","name":"core-idle"}"#, #"{"request_id":"2","error":"success"}"#,
      #"{"request_id":2,"error":"success","data":{"path":1}}"#, #"{"event":"shutdown"}"#,
      #"{"request_id":9223372036854775807,"error":"success","data":"x"}"#,
    ] {
      told.say(text, at: 100)
    }
    #expect(told.done.isEmpty)
  }
}
