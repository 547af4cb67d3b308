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

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let server: [Target.Dependency] = [
  .product(name: "Hummingbird", package: "hummingbird"),
  .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
]
let tls: [Target.Dependency] = [.product(name: "HummingbirdTLS", package: "hummingbird")]
let client: [Target.Dependency] = [.product(name: "AsyncHTTPClient", package: "async-http-client")]
let network = [nio, logging]

let package = Package(
  name: "yizhan",
  products: [.executable(name: "yizhan", targets: ["yizhan"])],
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
  ],
  targets: [
    // Layer 0
    .target(name: "CHash"),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
    .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
    .systemLibrary(
      name: "CXlsxWriter", pkgConfig: "xlsxwriter", providers: [.apt(["libxlsxwriter-dev"])]),
    .systemLibrary(
      name: "CQREncode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),
    .target(name: "CClock"),
    // For tests only: a file system for SQLite whose power can be cut.
    .target(name: "CCrashDisk"),
    ours("Causality"),
    ours("Wording"),
    // Layer 1
    ours("Records", ["Causality", "CHash"]),
    ours("Bundles", ["Causality", "Records", "CHash", "CZlib", "Wording", protobuf]),
    ours("Trust", ["Causality", "Records", "Bundles", "Wording", crypto]),
    // Layer 2
    ours("Sync", ["Causality", "Records", "Bundles", "Wording"]),
    ours("Replica", ["Causality", "Records", "Bundles", "CHash", "Wording", grdb, sqlite]),
    ours("Sheets", ["CZlib", "CZip", "CExpat", "CXlsxWriter", "CQREncode", "Wording"]),
    ours("Village", ["Causality", "Records", "Trust", "Replica", "Sheets", "Wording"]),
    // Layer 3
    ours(
      "Exchange",
      ["Causality", "Records", "Bundles", "Trust", "Sync", "Replica", "Village", "Wording"]),
    // Layer 4
    ours(
      "Mailbag",
      [
        "Causality", "Records", "Bundles", "Trust", "Sync", "Replica", "Village", "Exchange",
        "Wording",
      ]),
    // Layer 5
    ours(
      "Hub",
      ["Causality", "Bundles", "Sync", "Replica", "Village", "Exchange"] + server + network + tls),
    ours(
      "Station",
      ["Causality", "Bundles", "Sync", "Replica", "Village", "Exchange", "Mailbag", "Wording"]
        + client
        + server + network),
    ours(
      "Simulation",
      [
        "Causality", "Records", "Bundles", "Trust", "Sync", "Replica", "Village", "Exchange",
        "Wording",
      ]),
    // Layer 6
    .executableTarget(
      name: "yizhan-simulate", dependencies: ["Simulation"], swiftSettings: strict),
    .executableTarget(
      name: "yizhan",
      dependencies: [
        "Causality", "Records", "Bundles", "Trust", "Sync", "Replica", "Sheets", "Village",
        "Exchange", "Mailbag", "Hub", "Station", "Simulation", "CClock", "Wording",
        arguments, sqlite, logging,
      ],
      swiftSettings: strict),
    tests("Causality"),
    tests("Wording"),
    tests("Records", ["Causality"]),
    tests("Bundles", ["Causality", "Records", "CHash", "Wording"]),
    tests("Trust", ["Causality", "Records", "Bundles", "Wording", crypto]),
    tests("Sync", ["Causality", "Bundles", "Wording"]),
    tests("Replica", ["Causality", "Records", "Bundles", "Wording", grdb, sqlite]),
    tests("Sheets", ["CZlib"]),
    tests("Village", ["Causality", "Records", "Replica", "Sheets", "Wording"]),
    tests(
      "Mailbag",
      [
        "Causality", "Records", "Bundles", "Trust", "Sync", "Replica", "Village", "Exchange",
        "Wording",
      ]),
    tests("Simulation"),
    .testTarget(
      name: "CrashTests",
      dependencies: [
        "CCrashDisk", "Causality", "Records", "Bundles", "Trust", "Sync", "Replica", "Village",
        "Exchange", "Mailbag", "Wording", grdb,
      ],
      swiftSettings: strict),
    tests("Hub"),
    tests("Station", ["Village"]),
    .testTarget(
      name: "ConformanceTests",
      dependencies: [
        "Causality", "Records", "Bundles", "Trust", "Replica", "Village", "Exchange", "CHash",
        "Wording", crypto,
      ],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
