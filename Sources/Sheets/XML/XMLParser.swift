// XML as a stream of elements and texts (expat). Names come without their prefixes, because what is
// read here never has two of one name. No file but the one at hand is ever opened: external
// entities are not fetched. Entities that a file declares itself are refused at once, so nothing
// can be blown up by them; what refers to others is refused too, as its text would be lost.

internal import CExpat
internal import Wording

/// An element that begins. Good only while `start` runs.
struct XMLElement {
  let name: String
  fileprivate let attributes: UnsafeMutablePointer<UnsafePointer<XML_Char>?>?
  fileprivate let parser: XML_Parser

  /// The line on which its tag begins, from 1.
  var line: Int { Int(XML_GetCurrentLineNumber(parser)) }

  /// The attribute of this name, whatever its prefix.
  subscript(name: StaticString) -> String? {
    guard var pair = attributes else { return nil }
    while let key = pair[0], let value = pair[1] {
      if XMLParser.isNamed(key, name) { return String(cString: value) }
      pair += 2
    }
    return nil
  }
}

/// What takes the pieces of an XML document as they come.
protocol XMLHandler: AnyObject {
  func start(_ element: XMLElement) throws(SheetError)
  /// A piece of text, of any size: one text may come in several.
  func text(_ bytes: UnsafeBufferPointer<UInt8>) throws(SheetError)
  func end(_ name: String) throws(SheetError)
}

/// Feeds an XML document, piece by piece, to a handler.
final class XMLParser {
  private let parser: XML_Parser
  private let handler: any XMLHandler
  private var failure: SheetError?
  private var depth = 0
  /// How much of the document has been fed, and how much when the handler was last called.
  private var bytesFed = 0
  private var bytesHandled = 0

  static let depthMax = 64
  /// A tag, a comment or another piece that comes only when it is whole.
  static let pieceBytesMax = 1 << 20

  /// Throws `xml_malformed` if there is no memory for a parser.
  init(_ handler: any XMLHandler) throws(SheetError) {
    guard let parser = XML_ParserCreate(nil) else {
      throw .xmlMalformed(line: 1, column: 1, because: "there is no memory to read it")
    }
    self.parser = parser
    self.handler = handler
    XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
    XML_SetElementHandler(parser, Self.onStart, Self.onEnd)
    XML_SetCharacterDataHandler(parser, Self.onText)
    XML_SetEntityDeclHandler(parser, Self.onEntityDeclaration)
    XML_SetSkippedEntityHandler(parser, Self.onSkippedEntity)
    XML_SetCommentHandler(parser, Self.onOther)
    XML_SetStartDoctypeDeclHandler(parser) { data, _, _, _, _ in XMLParser.at(data)?.touch() }
  }

  deinit { XML_ParserFree(parser) }

  /// The line that the parser has come to, from 1.
  var line: Int { Int(XML_GetCurrentLineNumber(parser)) }

  /// Reads on. `isLast` says that the document ends here.
  ///
  /// Throws `xml_malformed`, `xml_entity`, `xml_limit`, and what the handler throws; the parser is
  /// of no use after that.
  func feed(_ bytes: UnsafeBufferPointer<UInt8>, isLast: Bool) throws(SheetError) {
    bytesFed += bytes.count
    let status = bytes.withMemoryRebound(to: CChar.self) { characters in
      XML_Parse(parser, characters.baseAddress, Int32(characters.count), isLast ? 1 : 0)
    }
    if let failure { throw failure }
    guard status == XML_STATUS_OK else {
      let reason = XML_ErrorString(XML_GetErrorCode(parser)).map { String(cString: $0) }
      throw .xmlMalformed(
        line: line, column: Int(XML_GetCurrentColumnNumber(parser)) + 1,
        because: reason.map { Message(told: $0) } ?? "nobody knows why")
    }
    guard bytesFed - bytesHandled <= Self.pieceBytesMax else {
      throw .xmlLimit("has a tag or a comment of more than \(Self.pieceBytesMax) bytes", line: line)
    }
  }

  // MARK: What expat calls

  private static let onStart: XML_StartElementHandler = { data, name, attributes in
    guard let self = XMLParser.at(data), let name else { return }
    self.handle { () throws(SheetError) in
      self.depth += 1
      guard self.depth <= XMLParser.depthMax else {
        throw .xmlLimit(
          "is nested more than \(XMLParser.depthMax) elements deep", line: self.line)
      }
      try self.handler.start(
        XMLElement(name: localName(name), attributes: attributes, parser: self.parser))
    }
  }

  private static let onEnd: XML_EndElementHandler = { data, name in
    guard let self = XMLParser.at(data), let name else { return }
    self.handle { () throws(SheetError) in
      self.depth -= 1
      try self.handler.end(localName(name))
    }
  }

  private static let onText: XML_CharacterDataHandler = { data, text, count in
    guard let self = XMLParser.at(data), let text else { return }
    self.handle { () throws(SheetError) in
      let bytes = UnsafeRawBufferPointer(start: text, count: Int(count))
      try self.handler.text(bytes.bindMemory(to: UInt8.self))
    }
  }

  private static let onEntityDeclaration: XML_EntityDeclHandler = {
    data, name, _, _, _, _, _, _, _ in
    XMLParser.at(data)?.refuse(entity: name)
  }

  private static let onSkippedEntity: XML_SkippedEntityHandler = { data, name, _ in
    XMLParser.at(data)?.refuse(entity: name)
  }

  private static let onOther: XML_CommentHandler = { data, _ in XMLParser.at(data)?.touch() }

  private static func at(_ data: UnsafeMutableRawPointer?) -> XMLParser? {
    data.map { Unmanaged<XMLParser>.fromOpaque($0).takeUnretainedValue() }
  }

  private func touch() { bytesHandled = bytesFed }

  private func refuse(entity name: UnsafePointer<XML_Char>?) {
    handle { () throws(SheetError) in
      throw .xmlEntity(name.map { String(cString: $0) } ?? "", line: line)
    }
  }

  private func handle(_ body: () throws(SheetError) -> Void) {
    guard failure == nil else { return }
    touch()
    do { try body() } catch {
      failure = error
      XML_StopParser(parser, 0)
    }
  }

  // MARK: Names

  private static func localName(_ name: UnsafePointer<XML_Char>) -> String {
    String(cString: local(name))
  }

  /// Behind the prefix, if there is one.
  private static func local(_ name: UnsafePointer<XML_Char>) -> UnsafePointer<XML_Char> {
    var start = name
    var at = name
    while at.pointee != 0 {
      if at.pointee == 0x3A { start = at + 1 }
      at += 1
    }
    return start
  }

  fileprivate static func isNamed(
    _ key: UnsafePointer<XML_Char>, _ name: StaticString
  ) -> Bool {
    var at = local(key)
    for byte in UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount) {
      guard UInt8(bitPattern: at.pointee) == byte else { return false }
      at += 1
    }
    return at.pointee == 0
  }
}
