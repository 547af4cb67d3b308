/// What can be wrong with births that come from a peer.
package enum CausalityError: Error, Equatable, Sendable {
  /// The births of these epochs are needed first.
  case birthsWanted([Epoch])
  /// Two different births of one epoch: a fork.
  case birthFork(Epoch)
}
