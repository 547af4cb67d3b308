/// A programme of a guide as XMLTV has it (xmltv.dtd). Instants are seconds since
/// 1970-01-01T00:00:00Z.
package struct GuideProgramme: Equatable, Sendable {
  package let channel: String
  package let start: Int64
  package var stop: Int64?
  package let title: String
  package var category: String?
  package var details: String?

  package init(
    channel: String, start: Int64, stop: Int64? = nil, title: String, category: String? = nil,
    details: String? = nil
  ) {
    self.channel = channel
    self.start = start
    self.stop = stop
    self.title = title
    self.category = category
    self.details = details
  }
}

/// A channel of a guide.
package struct GuideChannel: Equatable, Sendable {
  package let id: String
  package let name: String

  package init(id: String, name: String) {
    self.id = id
    self.name = name
  }
}
