// swift-tools-version: 6.2
// The crash laboratory and what it needs of the main package, without the servers: `tools/crash-long`
// runs it, and `swift test --package-path tools/crash.d` its tests alone. `Sources` and `Tests` are the
// folders of the main package.
import PackageDescription

let settings: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A target as the main package has it.
func ours(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let sqlite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let laboratory: [Target.Dependency] = [
  "Causality", "Records", "Bundles", "Trust", "Sync", "Replica", "Village", "Exchange", "Mailbag",
  "CCrashDisk", "Wording", grdb,
]

let package = Package(
  name: "crash",
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
  ],
  targets: [
    .target(name: "CHash"),
    .target(name: "CCrashDisk"),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
    .systemLibrary(name: "CZip", pkgConfig: "libzip"),
    .systemLibrary(name: "CExpat", pkgConfig: "expat"),
    .systemLibrary(name: "CXlsxWriter", pkgConfig: "xlsxwriter"),
    .systemLibrary(name: "CQREncode", pkgConfig: "libqrencode"),
    ours("Causality"),
    ours("Wording"),
    ours("Records", ["Causality", "CHash"]),
    ours("Bundles", ["Causality", "Records", "CHash", "CZlib", "Wording", protobuf]),
    ours("Trust", ["Causality", "Records", "Bundles", "Wording", crypto]),
    ours("Sync", ["Causality", "Records", "Bundles", "Wording"]),
    ours("Replica", ["Causality", "Records", "Bundles", "CHash", "Wording", grdb, sqlite]),
    ours("Sheets", ["CZlib", "CZip", "CExpat", "CXlsxWriter", "CQREncode", "Wording"]),
    ours("Village", ["Causality", "Records", "Trust", "Replica", "Sheets", "Wording"]),
    ours(
      "Exchange",
      ["Causality", "Records", "Bundles", "Trust", "Sync", "Replica", "Village", "Wording"]),
    ours(
      "Mailbag",
      [
        "Causality", "Records", "Bundles", "Trust", "Sync", "Replica", "Village", "Exchange",
        "Wording",
      ]),
    .executableTarget(
      name: "Crash", dependencies: laboratory, path: "Crash", swiftSettings: settings),
    .testTarget(name: "CrashTests", dependencies: laboratory, swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
