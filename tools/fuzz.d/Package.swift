// swift-tools-version: 6.2
// The readers of bytes from elsewhere, and the program that fuzzes them. A package of its own, so
// that nothing else is built with the sanitizers; `Sources` is the folder of the main package.
import PackageDescription

let settings: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  // What is fuzzed is quick; what it depends on is quick to build.
  .unsafeFlags(["-O"]),
]

/// A target as the main package has it, or those of its files that `path` has.
func ours(
  _ name: String, _ dependencies: [Target.Dependency] = [], path: String? = nil
) -> Target {
  .target(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
}

/// As `tools/fuzz` tells the compiler for all that is Swift.
let instrumented = [
  "-O1", "-fsanitize=address", "-fsanitize-coverage=edge,inline-8bit-counters,pc-table,trace-cmp",
]

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")

let package = Package(
  name: "fuzz",
  dependencies: [
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
  ],
  targets: [
    .target(name: "CHash", cSettings: [.unsafeFlags(instrumented)]),
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
    ours("Sheets", ["CZlib", "CZip", "CExpat", "CXlsxWriter", "CQREncode", "Wording"]),
    ours(
      "Village", ["Causality", "Records", "Trust", "Sheets", "Wording"],
      path: "Village"),
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        "Causality", "Records", "Bundles", "Trust", "Sheets", "Village", "CZlib", protobuf, crypto,
      ],
      path: "Fuzz",
      swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]),
  ],
  swiftLanguageModes: [.v6]
)
