internal import Causality

/// A bundle as bytes, on its way or come back from anywhere.
struct Parcel {
  let sender: PlaceID
  let reader: PlaceID
  let bytes: [UInt8]
}

/// What is under way and what lies on sticks: nothing ever quite goes away.
struct Post {
  private(set) var parcels: [Parcel] = []
  private(set) var sticks: [[Parcel]] = [[], [], []]
  private static let parcelsMax = 64

  mutating func keep(_ parcel: Parcel) {
    if parcels.count == Self.parcelsMax { parcels.removeFirst(Self.parcelsMax / 2) }
    parcels.append(parcel)
  }

  mutating func put(_ parcel: Parcel, on stick: Int) {
    sticks[stick].removeAll { $0.sender == parcel.sender && $0.reader == parcel.reader }
    sticks[stick].append(parcel)
    keep(parcel)
  }
}
