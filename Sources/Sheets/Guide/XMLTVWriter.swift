/// Writes a guide as XMLTV, with times like `20260305093000 +0800`. Channels come before programmes.
package struct XMLTVWriter {
  private let zoneMinutes: Int
  private let put: ([UInt8]) throws -> Void
  private var text: String

  private static let bytesPerPut = 64 << 10

  /// `zoneMinutes` is how far the clock on the wall is ahead of UTC; `put` gets the bytes, in UTF-8,
  /// piece by piece.
  package init(zoneMinutes: Int, put: @escaping ([UInt8]) throws -> Void) {
    self.zoneMinutes = zoneMinutes
    self.put = put
    text = """
      <?xml version="1.0" encoding="UTF-8"?>
      <!DOCTYPE tv SYSTEM "xmltv.dtd">
      <tv generator-info-name="yizhan">

      """
  }

  package mutating func write(_ channel: GuideChannel) throws {
    text += "  <channel id=\"\(attribute(channel.id))\">\n"
    element("display-name", channel.name)
    text += "  </channel>\n"
    try takeIfMuch()
  }

  package mutating func write(_ programme: GuideProgramme) throws {
    text += "  <programme start=\"\(time(programme.start))\""
    if let stop = programme.stop { text += " stop=\"\(time(stop))\"" }
    text += " channel=\"\(attribute(programme.channel))\">\n"
    element("title", programme.title)
    if let details = programme.details { element("desc", details) }
    if let category = programme.category { element("category", category) }
    text += "  </programme>\n"
    try takeIfMuch()
  }

  package mutating func finish() throws {
    text += "</tv>\n"
    try take()
  }

  private mutating func element(_ name: String, _ content: String) {
    text += "    <\(name) lang=\"zh\">\(XMLText.escaped(content))</\(name)>\n"
  }

  /// A reader of an attribute takes bare tabs and line ends for spaces.
  private func attribute(_ value: String) -> String {
    XMLText.escaped(value).split(separator: "\n", omittingEmptySubsequences: false)
      .joined(separator: "&#10;").split(separator: "\t", omittingEmptySubsequences: false)
      .joined(separator: "&#9;")
  }

  private func time(_ seconds: Int64) -> String {
    let local = GridCell.instant(seconds: seconds + Int64(zoneMinutes) * 60).text
    let ahead = abs(zoneMinutes)
    let offset = [ahead / 60, ahead % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined()
    return local.filter { $0 >= "0" && $0 <= "9" } + (zoneMinutes < 0 ? " -" : " +") + offset
  }

  private mutating func takeIfMuch() throws {
    if text.utf8.count >= Self.bytesPerPut { try take() }
  }

  private mutating func take() throws {
    try put(Array(text.utf8))
    text = ""
  }
}
