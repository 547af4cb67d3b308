import Testing

/// The causal core on every history of a small size, rather than on some of a large one.
@Suite struct SmallScopeTests {
  @Test func `copies that saw the same are equal and lack nothing in every small history`() throws {
    var scope = try SmallScope()
    var worlds: Set<SmallScope.World> = [scope.start]
    for operations in 0...5 {
      if operations > 0 {
        var further: Set<SmallScope.World> = []
        for world in worlds { further.formUnion(try scope.next(world)) }
        worlds = further
      }
      for world in worlds { try scope.deliverAll(world) }
    }
    // So many were there when this was written; far fewer would mean that nothing is tried.
    #expect(worlds.count > 30_000)
    #expect(scope.copies.count > 4_000)
    #expect(scope.deliveries > 80_000)
    #expect(scope.gaps > 100)
  }
}
