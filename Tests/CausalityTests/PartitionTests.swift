import Causality
import Testing

@Suite struct PartitionTests {
  @Test func `sections travel in the promised order and keep their numbers`() {
    #expect(Section.allCases.map(\.name) == ["urgent", "public", "work", "log", "people"])
    #expect(Section.allCases.map(\.rawValue) == [0, 1, 2, 3, 4])
    for section in Section.allCases { #expect(Section(name: section.name) == section) }
    #expect(Section(name: "private") == nil)
  }

  @Test func `only the log holds events`() {
    #expect(Section.allCases.filter(\.holdsEvents) == [.log])
  }

  @Test func `partitions sort by section before place`() {
    let (near, far) = (PlaceID(bits: 1), PlaceID(bits: 2))
    let sorted = [
      PartitionID(near, .urgent), PartitionID(far, .urgent), PartitionID(near, .public),
      PartitionID(far, .public), PartitionID(near, .people),
    ]
    #expect(sorted.reversed().sorted() == sorted)
    #expect(PartitionID(PlaceID(bits: 0xAB), .work).description == "00000000000000ab/work")
  }
}
