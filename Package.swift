// swift-tools-version: 6.2

import PackageDescription

/// What every target of this package is compiled with.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// The program is position-independent, resolves every symbol before it runs, and keeps constants and what the loader has
/// filled in read-only.
///
/// Relative relocations are packed (glibc 2.36 or later): 85,000 of them, 2 MB, become 16 KB to read in front of every
/// `token`. Only lld knows both this and the layout.
let hardened: [LinkerSetting] = [
  .unsafeFlags([
    "-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "now", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
    "-Xlinker", "-T", "-Xlinker", Context.packageDirectory + "/Sources/dbauth-admin/Layout.ld",
  ])
]

func library(_ name: String, path: String? = nil, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, path: path, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], data: [String] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: data, swiftSettings: strict)
}

let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")

let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
  name: "dbauth-admin",
  products: [.executable(name: "dbauth-admin", targets: ["dbauth-admin"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
    .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: [
    .target(name: "CLibPQ", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
    .target(name: "CSignals", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CAres", pkgConfig: "libcares", providers: [.apt(["libc-ares-dev"])]),
    library("AccessModel", []),
    library("Files", []),
    .systemLibrary(name: "CEpoll"),
    .systemLibrary(name: "CMalloc"),
    library("Sockets", ["CEpoll"]),
    library("DNS", ["AccessModel", "CAres", "Files", "Sockets"]),
    library("TLS", ["COpenSSL", "Files", "Sockets"]),
    library("Signing", ["AccessModel", "TLS"]),
    library("Identity", ["AccessModel", "Files", "Signing"]),
    library("Postgres", ["AccessModel", "CLibPQ", "Files", "Sockets"]),
    library("Provisioning", ["AccessModel", "Files", "Postgres", "TLS"]),
    .target(
      name: "TemplateFiles", path: "templates", swiftSettings: strict,
      plugins: ["EmbedFiles"]),
    .plugin(name: "EmbedFiles", capability: .buildTool(), dependencies: ["embed-files"]),
    .executableTarget(name: "embed-files", swiftSettings: strict),
    .target(
      name: "CheckPages", path: "checks", swiftSettings: strict, plugins: ["EmbedFiles"]),
    library("Diagnoses", ["AccessModel", "CheckPages", "Files", "Signing", yams]),
    library("Targets", ["AccessModel", "CLibPQ", "DNS", "Files", "Sockets", yams]),
    library(
      "Checkup",
      [
        "AccessModel", "Diagnoses", "DNS", "Identity", "Postgres", "Signing", "Sockets", "Targets",
        "TLS",
      ]),
    library("Policies", ["AccessModel", "TemplateFiles", mustache]),
    library("Reporting", ["AccessModel", "Checkup", "Diagnoses", "Postgres", "Provisioning"]),
    library(
      "DBAuthCommands",
      [
        "AccessModel", "Checkup", "CMalloc", "CSignals", "Diagnoses", "DNS", "Files", "Identity", "Policies",
        "Postgres",
        "Provisioning", "Reporting", "Signing", "Targets", argumentParser,
      ]),
    .executableTarget(
      name: "dbauth-admin", dependencies: ["DBAuthCommands"], exclude: ["Layout.ld"],
      swiftSettings: strict, linkerSettings: hardened),
    tests("AccessModelTests", ["AccessModel"]),
    tests("SigningTests", ["AccessModel", "Signing", "TLS"]),
    tests("NetworkTests", ["DNS", "Sockets", "TLS"]),
    tests("DiagnosesTests", ["CheckPages", "Diagnoses"]),
    tests(
      "CheckupTests",
      [
        "AccessModel", "Checkup", "Diagnoses", "DNS", "Identity", "Postgres", "Reporting", "Signing",
        "Sockets", "Targets", "TLS",
      ],
      data: ["Golden"]),
    tests("IdentityTests", ["AccessModel", "Identity", "Signing"]),
    tests("PostgresTests", ["Postgres", "Sockets", "TLS"]),
    tests("TargetsTests", ["AccessModel", "Targets"]),
    tests("FilesTests", ["Files"]),
    tests("PoliciesTests", ["AccessModel", "Policies", "TemplateFiles", "embed-files"]),
    tests("ProvisioningTests", ["AccessModel", "Postgres", "Provisioning", "Reporting"]),
    tests(
      "CommandTests",
      [
        "dbauth-admin", "DBAuthCommands", "Diagnoses", "Reporting", argumentParser,
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    tests(
      "IntegrationTests",
      ["Postgres", "Provisioning", "Signing", .product(name: "Subprocess", package: "swift-subprocess")]),
  ]
)
