import Testing

@testable import Sheets

private let guide = """
  <?xml version="1.0" encoding="UTF-8"?>
  <!DOCTYPE tv SYSTEM "xmltv.dtd">
  <tv>
    <channel id="C1"><display-name lang="en">One</display-name>
      <display-name lang="zh">一套</display-name></channel>
    <channel id="C2"/>
    <channel id="C1"/>
    <programme start="20260305093000 +0800" stop="20260305100000 +0800" channel="C1">
      <title lang="en">Spring</title><title lang="zh_CN"> 春耕 &amp; 种&#23376; </title>
      <title lang="zh">另名</title>
      <desc>nothing</desc><category>News</category><credits><actor>A</actor></credits>
    </programme>
    <programme start="20260305100000" channel="C2"><title><![CDATA[A<B]]></title></programme>
    <programme start="x" channel="C2"></programme>
  </tv>
  """

@Test func `programmes are read with their lines and Chinese titles`() throws {
  let reading = try guideReading(guide)
  #expect(reading.failure == nil)
  #expect(
    reading.entries == [
      GuideEntry(
        line: 8, channel: "C1", start: "20260305093000 +0800", stop: "20260305100000 +0800",
        title: "春耕 & 种子", category: "News"),
      GuideEntry(
        line: 13, channel: "C2", start: "20260305100000", stop: nil, title: "A<B", category: nil),
      GuideEntry(line: 14, channel: "C2", start: "x", stop: nil, title: nil, category: nil),
    ])
  #expect(
    reading.channels == [GuideChannel(id: "C1", name: "一套"), GuideChannel(id: "C2", name: "")])
  #expect(reading.notes.map(\.line) == [7])
}

@Test func `a packed guide is the same, also of several members and with zeros behind`() throws {
  let bytes = Array(guide.utf8)
  let whole = try guideReading(bytes)
  for packed in [
    gzip(bytes), gzip(Array(bytes[..<300])) + gzip(Array(bytes[300...])),
    gzip(bytes) + [0, 0, 0, 0],
  ] {
    let reading = try guideReading(packed)
    #expect(reading.failure == nil)
    #expect(reading.entries == whole.entries)
  }
}

@Test func `a packed guide that is cut off or damaged anywhere is refused`() throws {
  let packed = gzip(Array(guide.utf8))
  let whole = try guideReading(packed).entries
  for count in 2..<packed.count {
    #expect(try guideReading(Array(packed[..<count])).failure != nil, "cut off at \(count)")
  }
  for place in 10..<packed.count {
    var damaged = packed
    damaged[place] ^= 0x10
    let reading = try guideReading(damaged)
    // Some bits between the last text and the check sum say nothing.
    #expect(reading.failure != nil || reading.entries == whole, "byte \(place)")
  }
}

@Test func `a bomb is refused before it is unpacked`() throws {
  let open = Array("<tv><!-- ".utf8)
  let bomb = gzip(open + [UInt8](repeating: 0x20, count: 40 << 20))
  #expect(try guideReading(bomb).failure?.code == .xmlLimit)
  let spaces = gzip(Array("<tv>".utf8) + [UInt8](repeating: 0x20, count: 40 << 20))
  #expect(try guideReading(spaces).failure?.code == .bomb)
}

@Test(arguments: [
  ("<tv><!DOCTYPE a></tv>", SheetError.Code.xmlMalformed),
  ("<!DOCTYPE tv [<!ENTITY a \"aa\"><!ENTITY b \"&a;&a;\">]><tv>&b;</tv>", .xmlEntity),
  ("<!DOCTYPE tv [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><tv>&a;</tv>", .xmlEntity),
  ("<!DOCTYPE tv [<!ENTITY % a \"b\"> %a;]><tv/>", .xmlEntity),
  (
    "<!DOCTYPE tv SYSTEM \"xmltv.dtd\"><tv><programme><title>&eacute;</title></programme></tv>",
    .xmlEntity
  ),
  ("<tv><title>&nbsp;</title></tv>", .xmlMalformed),
  ("<tv>\u{1}</tv>", .xmlMalformed), ("", .xmlMalformed), ("<tv>", .xmlMalformed),
  ("<rss/>", .notGuide), ("<?xml version=\"1.0\" encoding=\"x-none\"?><tv/>", .xmlMalformed),
])
func `bad XML has a code and a line`(text: String, code: SheetError.Code) throws {
  let failure = try #require(try guideReading(text).failure)
  #expect(failure.code == code)
  #expect(failure.line != nil)
}

@Test func `bytes that are no text are refused with their line`() throws {
  let bytes = Array("<tv>\n<channel id=\"".utf8) + [0xFF, 0xFE] + Array("\"/></tv>".utf8)
  let failure = try #require(try guideReading(bytes).failure)
  #expect(failure.code == .xmlMalformed)
  #expect(failure.line == 2)
}

@Test func `a tag without end and a text without end are bounded`() throws {
  let tag = "<tv a=\"" + String(repeating: "x", count: 3 << 20)
  #expect(try guideReading(tag).failure?.code == .xmlLimit)
  let text = "<tv><programme><title>" + String(repeating: "x", count: 3 << 20)
  #expect(try guideReading(text).failure?.code == .xmlLimit)
}

@Test func `guides are known by how they begin`() throws {
  for bytes in [Array("<tv/>".utf8), Array("\u{FEFF} \n<tv/>".utf8), gzip([0x3C])] {
    #expect(try withFile(bytes) { try GuideReader.isGuide($0) })
  }
  for text in ["", "id,date", "1<2"] {
    #expect(try !withFile(Array(text.utf8)) { try GuideReader.isGuide($0) })
  }
}

@Test(arguments: [
  ("20260305093000 +0800", 1_772_674_200), ("20260305013000 +0000", 1_772_674_200),
  ("20260305013000 Z", 1_772_674_200), ("20260305013000Z", 1_772_674_200),
  ("202603050930", 1_772_674_200), ("20260305093000", 1_772_674_200),
  ("20260304203000 -0500", 1_772_674_200), ("20260305093000 +08:00", 1_772_674_200),
  ("20240229000000 +0000", 1_709_164_800),
])
func `times are read with and without offsets`(text: String, seconds: Int64) {
  #expect(XMLTVTime.seconds(text, zoneMinutes: 480) == seconds)
}

@Test(arguments: [
  "", "x", "20260305", "2026030509", "20260305093000 EST", "20260305093000 +9999",
  "20260305093000 +08", "20260305093000 +0860", "20260229000000", "20261305000000",
  "20260305240000", "20260305096000", "20260305093060", "20260305093000 +0800 x", "+0800",
  "20260305093000+0800+0800", "00000305093000",
])
func `what is no time is refused`(text: String) {
  #expect(XMLTVTime.seconds(text, zoneMinutes: 480) == nil)
}

@Test func `what is written is read again`() throws {
  var bytes: [UInt8] = []
  var writer = XMLTVWriter(zoneMinutes: 480) { bytes += $0 }
  let programme = GuideProgramme(
    channel: "a\"<&>\n", start: 1_772_674_200, stop: 1_772_676_000, title: "春耕 <&> \u{1}",
    category: "教育", details: "x")
  try writer.write(GuideChannel(id: "a\"<&>\n", name: "一套"))
  try writer.write(programme)
  try writer.write(GuideProgramme(channel: "a\"<&>\n", start: -1, title: "b"))
  try writer.finish()
  let reading = try guideReading(bytes)
  #expect(reading.channels == [GuideChannel(id: "a\"<&>\n", name: "一套")])
  #expect(
    reading.entries == [
      GuideEntry(
        line: 7, channel: "a\"<&>\n", start: "20260305093000 +0800",
        stop: "20260305100000 +0800", title: "春耕 <&> \u{FFFD}", category: "教育"),
      GuideEntry(
        line: 12, channel: "a\"<&>\n", start: "19700101075959 +0800", stop: nil, title: "b",
        category: nil),
    ])
  var west: [UInt8] = []
  var other = XMLTVWriter(zoneMinutes: -210) { west += $0 }
  try other.write(GuideProgramme(channel: "c", start: 0, title: "b"))
  try other.finish()
  #expect(String(decoding: west, as: UTF8.self).contains("start=\"19691231203000 -0330\""))
}
