import Causality
import Replica
import Testing

@testable import Village

@Suite struct TermTests {
  @Test func `words can be added, once, and reach the stations`() throws {
    let world = try World()
    let station = try world.station()
    let builtIn = Terms.builtIn.count { $0.kind == .occasion }
    try world.hub.write { try Terms.add($0, .occasion, " 村民大会 ", label: "大会") }
    let before = try world.hub.writes
    for text in ["村民大会", "日常播放"] { try world.hub.write { try Terms.add($0, .occasion, text) } }
    #expect(try world.hub.writes == before)
    try world.sync(station)
    let terms = try station.read { try Terms.list($0, .occasion) }
    #expect(terms.count == builtIn + 1 && terms.last?.text == "村民大会" && terms.last?.label == "大会")
    #expect(terms.first == Term(kind: .occasion, text: "日常播放", label: nil, dot: nil))
    #expect(try station.read { try Terms.list($0, .category) }.map(\.text).contains("农业技术"))
    #expect(try station.read { try Terms.list($0, .outcome) }.first?.label == "播放完毕")
  }

  @Test func `a station adds no words, and nobody adds an empty one`() throws {
    let world = try World()
    let station = try world.station()
    let refused = expect(.notOwner) { try station.write { try Terms.add($0, .occasion, "x") } }
    // The words are kept by the hub, so it is the hub that is named, not the station itself.
    #expect(refused?.reason.contains("丰乐镇") == true && refused?.reason.contains("三岗村") == false)
    expect(.badValue) { try world.hub.write { try Terms.add($0, .occasion, " ") } }
  }
}
