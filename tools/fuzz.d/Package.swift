// swift-tools-version: 6.2
// The readers of bytes from elsewhere, and the program that fuzzes them. A package of its own, so
// that nothing else is built with the sanitizers; `Sources` is the folder of the main package.
import PackageDescription

let settings: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A target as the main package has it, or those of its files that `path` has.
func ours(
  _ name: String, _ dependencies: [Target.Dependency] = [], path: String? = nil
) -> Target {
  .target(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
}

let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")

let package = Package(
  name: "fuzz",
  dependencies: [
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
  ],
  targets: [
    .target(name: "CHash"),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
    .systemLibrary(name: "CZip", pkgConfig: "libzip"),
    .systemLibrary(name: "CExpat", pkgConfig: "expat"),
    .systemLibrary(name: "CXlsxWriter", pkgConfig: "xlsxwriter"),
    .systemLibrary(name: "CQREncode", pkgConfig: "libqrencode"),
    ours("Causality"),
    ours("Wording"),
    ours("Records", ["Causality", "CHash"]),
    ours("Bundles", ["Causality", "Records", "CHash", "CZlib", "Wording", protobuf]),
    ours(
      "Trust",
      [
        "Causality", "Records", "Bundles", "Wording",
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    ours("Sheets", ["CZlib", "CZip", "CExpat", "CXlsxWriter", "CQREncode", "Wording"]),
    ours(
      "Village", ["Causality", "Records", "Trust", "Sheets", "Wording"],
      path: "Village"),
    .executableTarget(
      name: "Fuzz",
      dependencies: ["Causality", "Records", "Bundles", "Sheets", "Village", "CZlib", protobuf],
      path: "Fuzz",
      swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]),
  ],
  swiftLanguageModes: [.v6]
)
