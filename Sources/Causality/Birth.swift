/// Which kind of replica writes. The raw value is permanent: it is part of the wire format.
package enum Role: UInt8, CaseIterable, Sendable {
  case station = 0
  case hub = 1
}

/// Who writes in an epoch.
package struct Author: Hashable, Sendable {
  package let place: PlaceID
  package let role: Role

  package init(place: PlaceID, role: Role) {
    self.place = place
    self.role = role
  }
}

/// The beginning of an epoch in a partition.
///
/// `parents` is the vector of leaves really held in the database at the first write. The epoch
/// stands for all of it, so a vector that lists the epoch need not list what it was born from.
package struct Birth: Hashable, Sendable {
  package let epoch: Epoch
  package let author: Author
  package let parents: VersionVector

  package init(epoch: Epoch, author: Author, parents: VersionVector) {
    self.epoch = epoch
    self.author = author
    self.parents = parents
  }
}
