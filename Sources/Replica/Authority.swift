package import Causality
package import Records

/// Says who may have written what of the partition that a delta is of (P18). The replica asks for each
/// value that is new to it.
package protocol Authority {
  func verdict(on claim: Claim) throws -> Verdict
  /// Whether this replica may write in the partition itself, and so take back what should not be.
  func mayAnswer(in partition: PartitionID) -> Bool
  /// Whether what was refused stands in the light of what has come with it, all of which is proven that
  /// had to be.
  func appeal(_ claim: Claim) throws -> Bool
  /// Whether a signature of a statement is by keys that are known here as the author's.
  func confirms(
    _ signature: [UInt8], of statement: [UInt8], by author: Author
  ) throws -> Bool
}

/// What a delta says of who wrote a value.
package struct Claim: Hashable, Sendable {
  package let author: Author
  package let partition: PartitionID
  /// Empty for events.
  package let collection: String
  /// Empty for a deletion.
  package let field: String
  /// The record is, or comes as, deleted.
  package let isDeleted: Bool
  /// Who made the record; nil for events, and of an epoch as a whole.
  package let creator: Author?

  package init(
    _ author: Author, _ partition: PartitionID, collection: String = "", field: String = "",
    isDeleted: Bool = false, creator: Author? = nil
  ) {
    self.author = author
    self.partition = partition
    self.collection = collection
    self.field = field
    self.isDeleted = isDeleted
    self.creator = creator
  }
}

package enum Verdict: Hashable, Sendable {
  case allowed
  /// So if a proof confirms it: it is said to be this replica's own, or of somebody not known here.
  case ifProven
  /// So if a proof confirms it. It may be right without, and then comes by another way from whoever must
  /// know: until then the delta waits.
  case notYet
  /// The author has no right to it.
  case refused
}

/// A write that had no right to be, and was answered by one that takes it back.
package struct RefusedWrite: Equatable, Sendable {
  package let author: Author
  package let collection: String
  package let record: Dot
  package let fields: [(name: String, value: Value)]
  /// `not_owner`, or `not_proven` of what was said to be this replica's own.
  package let code: String

  package static func == (left: Self, right: Self) -> Bool {
    left.author == right.author && left.collection == right.collection
      && left.record == right.record && left.code == right.code
      && left.fields.elementsEqual(right.fields) { $0 == $1 }
  }
}

/// Lets everything pass: what a person has looked at and accepted, and what never travelled.
package struct NoQuestions: Authority {
  package init() {}

  package func mayAnswer(in partition: PartitionID) -> Bool { false }
  package func verdict(on claim: Claim) -> Verdict { .allowed }
  package func appeal(_ claim: Claim) -> Bool { false }
  package func confirms(
    _ signature: [UInt8], of statement: [UInt8], by author: Author
  ) -> Bool { false }
}
