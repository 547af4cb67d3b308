// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A target of ours: Swift 6 mode, every warning an error.
func ours(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The tests of one target.
func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.init(stringLiteral: name)] + dependencies,
    swiftSettings: strict)
}

let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let sqlite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let arguments: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "yizhan",
  products: [.executable(name: "yizhan", targets: ["yizhan"])],
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    // Layer 0
    .target(name: "CHash"),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    ours("Causality"),
    // Layer 1
    ours("Records", ["Causality", "CHash"]),
    ours("Bundles", ["Causality", "Records", "CHash", "CZlib", protobuf]),
    // Layer 2
    ours("Sync", ["Causality", "Records", "Bundles"]),
    ours("Replica", ["Causality", "Records", "Bundles", "CHash", grdb, sqlite]),
    ours("Sheets"),
    ours("Village", ["Causality", "Records", "Replica", "Sheets"]),
    // Layer 3
    ours("Mailbag", ["Causality", "Records", "Bundles", "Sync", "Replica", "Village"]),
    // Layer 4
    .executableTarget(
      name: "yizhan",
      dependencies: [
        "Causality", "Records", "Bundles", "Sync", "Replica", "Sheets", "Village", "Mailbag",
        arguments, sqlite,
      ],
      swiftSettings: strict),
    tests("Causality"),
    tests("Records", ["Causality"]),
    tests("Bundles", ["Causality", "Records", "CHash"]),
    tests("Sync", ["Causality", "Bundles"]),
    tests("Replica", ["Causality", "Records", "Bundles", grdb, sqlite]),
    tests("Sheets"),
    tests("Village", ["Causality", "Records", "Replica", "Sheets"]),
    tests("Mailbag", ["Causality", "Records", "Bundles", "Sync", "Replica", "Village"]),
    .testTarget(
      name: "ConformanceTests",
      dependencies: ["Causality", "Records", "Bundles", "Replica", "Village", "CHash"],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
