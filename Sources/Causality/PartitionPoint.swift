extension RandomAccessCollection {
  /// The index of the first element that is not `isBefore`, or the end, where all that are stand before all
  /// that are not.
  package func partitionPoint(_ isBefore: (Element) -> Bool) -> Index {
    var low = startIndex
    var count = count
    while count > 0 {
      let half = count / 2
      let middle = index(low, offsetBy: half)
      if isBefore(self[middle]) {
        low = index(after: middle)
        count -= half + 1
      } else {
        count = half
      }
    }
    return low
  }
}
