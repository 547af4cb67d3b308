import Causality
import Records
import Replica
import Testing

@testable import Village

@Suite struct PlaceTests {
  @Test func `codes compare by segment, however they are written`() throws {
    let dotted = try #require(PlaceCode("34.01.23.109.207"))
    #expect(PlaceCode("340123109207") == dotted && dotted.description == "34.01.23.109.207")
    #expect(PlaceCode("34.01.23.109") == PlaceCode("340123109000"))
    let town = try #require(PlaceCode("34.01.23.109"))
    #expect(town.isAbove(dotted) && !dotted.isAbove(town) && !town.isAbove(town))
    #expect(PlaceCode("34.01.23.10")?.isAbove(dotted) == false)
    #expect(town.foundingID == PlaceCode("340123109")?.foundingID)
    for text in ["", ".", "34..1", "34.01.", "a", "3", "34012", "340123109207001", "34.0123456789"]
    {
      #expect(PlaceCode(text) == nil, "\(text)")
    }
  }

  @Test func `zones are offsets, eight hours where nothing is said`() {
    #expect(TimeZoneOffset("+08:00") == .china && TimeZoneOffset("-03:30")?.minutes == -210)
    #expect(TimeZoneOffset(minutes: -210).description == "-03:30")
    for text in ["", "08:00", "+8:00", "+08:60", "+15:00", "+0800", "+-8:00"] {
      #expect(TimeZoneOffset(text) == nil, "\(text)")
    }
  }

  @Test func `a place is found by its code and by its name`() throws {
    let world = try World()
    let station = try world.station()
    for text in ["三岗村", "340123109207", "34.01.23.109.207"] {
      #expect(try world.place(text).id == station.identity.place)
    }
    #expect(try station.read { try Places.own($0) }.name == "三岗村")
    #expect(try station.read { try Places.all($0) }.map(\.name) == ["丰乐镇", "三岗村"])
    #expect(try station.read { try Places.ancestors($0) } == [world.hub.identity.place])
    #expect(expect(.unknownPlace) { try world.place("四合村") }?.hint.contains("三岗村") == true)
    expect(.unknownPlace) { try world.place("34.01.23.109.999") }
  }

  @Test func `an invitation is whole or none`() throws {
    let world = try World()
    let code = try #require(PlaceCode(World.village))
    let invitation = try world.hub.write { try Membership.invite($0, code: code, name: "三岗村") }
    #expect(try Invitation(invitation.text) == invitation)
    #expect(try Invitation("  " + invitation.text + "\n") == invitation)
    #expect(
      try world.hub.write { try Membership.invite($0, code: code, name: "三岗村") } == invitation)
    let text = Array(invitation.text)
    for index in text.indices {
      var damaged = text
      damaged[index] = damaged[index] == "A" ? "B" : "A"
      expect(.badInvitation) { try Invitation(String(damaged)) }
      expect(.badInvitation) { try Invitation(String(text[..<index])) }
    }
  }

  @Test(
    arguments: [
      ("34.01", Array("三岗村".utf8), Int64.min), ("34.01", Array("三岗村".utf8), 14 * 60 + 1),
      ("34.01", [0xE4, 0xB8], 480), ("3401", Array("三岗村".utf8), 480),
    ] as [(String, [UInt8], Int64)])
  func `an invitation that nobody could have written is none`(
    code: String, name: [UInt8], zone: Int64
  ) {
    var writer = ByteWriter()
    writer.fixed(1)
    writer.block(code.utf8)
    writer.block(name)
    writer.zigzag(zone)
    writer.varint(1)
    writer.fixed(2)
    writer.block("丰乐镇".utf8)
    writer.block([])
    writer.varint(0)
    let check = ChainValue(hashing: writer.bytes).low
    writer.bytes += (0..<4).map { UInt8(truncatingIfNeeded: check >> (8 * $0)) }
    expect(.badInvitation) { try Invitation("yizhan1" + Base64URL.encode(writer.bytes)) }
  }

  @Test func `only a hub invites, and only places below it`() throws {
    let world = try World()
    let station = try world.station()
    let code = try #require(PlaceCode(World.otherVillage))
    expect(.notOwner) { try station.write { try Membership.invite($0, code: code, name: "x") } }
    let outside = try #require(PlaceCode("34.01.24"))
    for code in [outside, try #require(PlaceCode(World.town))] {
      expect(.notBelow) { try world.hub.write { try Membership.invite($0, code: code, name: "x") } }
    }
  }

  @Test func `a place that is there is not renamed by a slip of the hand`() throws {
    let world = try World()
    let station = try world.station()
    let code = try #require(PlaceCode(World.village))
    let before = try world.hub.writes
    let error = expect(.placeExists) {
      try world.hub.write { try Membership.invite($0, code: code, name: "四合村") }
    }
    #expect(error?.reason.contains("三岗村") == true)
    #expect(try world.hub.writes == before)
    _ = try world.hub.write {
      try Membership.invite($0, code: code, name: "四合村", ifNamedOtherwise: .rename)
    }
    try world.sync(station)
    #expect(try station.read { try Places.own($0) }.name == "四合村")
  }

  @Test func `a name that several places have is ambiguous, a code never`() throws {
    let world = try World()
    _ = try world.station(World.village)
    _ = try world.station(World.otherVillage)
    let error = expect(.ambiguousPlace) { try world.place("三岗村") }
    for code in [World.village, World.otherVillage] {
      #expect(error?.hint.contains(code) == true)
      #expect(try world.place(code).code.dotted == code)
    }
  }
}
