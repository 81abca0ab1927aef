import FoundationEssentials
import Glibc
import Subprocess
import Testing

#if canImport(System)
  import System
#else
  import SystemPackage
#endif

@Suite("doctor: where the report goes")
struct DoctorOutputTests {
  private static let sound = [
    "doctor", "--offline", "-h", Program.endpoint, "-U", "app", "--sslmode", "verify-full",
  ]

  /// A folder for as long as `body` runs.
  private static func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.path() + "/doctor-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
  }

  private static func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
  }

  @Test("a report that cannot be written is a failure that says where, and the others are written")
  func fullDisk() async throws {
    try await Self.withFolder { folder in
      let outcome = try await Program.run(
        Self.sound + ["--format", "json=/dev/full", "--format", "junit=\(folder)/doctor.xml"])
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains("/dev/full"))
      #expect(outcome.output.contains("healthy"))
      #expect(try Self.text("\(folder)/doctor.xml").hasSuffix("</testsuites>\n"))
    }
  }

  @Test("a report replaces what its file said")
  func replaced() async throws {
    try await Self.withFolder { folder in
      let path = "\(folder)/doctor.json"
      try Data(String(repeating: "x", count: 1 << 20).utf8).write(to: URL(filePath: path))
      let outcome = try await Program.run(Self.sound + ["--format", "json=\(path)"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try !Self.text(path).contains("xxx"))
    }
  }

  @Test("a full stdout is a failure that says so", arguments: ["text", "jsonl", "json"])
  func fullOutput(_ format: String) async throws {
    let result = try await Subprocess.run(
      .path(Program.path), arguments: Arguments(Self.sound + ["--format", format]),
      environment: Program.environment(Program.keys),
      output: .fileDescriptor(try .open("/dev/full", .writeOnly), closeAfterSpawningProcess: true),
      error: .string(limit: 1 << 20))
    #expect(result.terminationStatus == .exited(1))
    #expect(result.standardError.contains("could not write the output"))
  }

  @Test("a reader that went away ends quietly, and files are written all the same")
  func goneReader() async throws {
    try await Self.withFolder { folder in
      let (reader, writer) = try FileDescriptor.pipe()
      try reader.close()
      let result = try await Subprocess.run(
        .path(Program.path), arguments: Arguments(Self.sound + ["--format", "markdown=\(folder)/doctor.md"]),
        environment: Program.environment(Program.keys),
        output: .fileDescriptor(writer, closeAfterSpawningProcess: true), error: .string(limit: 1 << 20))
      #expect(result.terminationStatus == .exited(0))
      #expect(result.standardError == "")
      #expect(try Self.text("\(folder)/doctor.md").contains("healthy"))
    }
  }

  @Test("in SARIF every finding of a target has the target's file as its place")
  func place() async throws {
    try await Self.withFolder { folder in
      let file = "targets:\n  shop:\n    host: \(Program.endpoint)\n    user: app\n"
      try Data(file.utf8).write(to: URL(filePath: "\(folder)/login.yaml"))
      for path in ["login.yaml", "./login.yaml", "\(folder)/login.yaml"] {
        let result = try await Subprocess.run(
          .path(Program.path),
          arguments: ["doctor", "--offline", "--target", "shop", "--config", path, "--format", "sarif"],
          environment: Program.environment(Program.keys.merging(["PGSSLMODE": "verify_full"]) { $1 }),
          workingDirectory: FilePath(folder), output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        #expect(result.terminationStatus == .exited(1), "\(result.standardError)")
        #expect(result.standardOutput.contains(#""uri": "login.yaml""#), "\(result.standardOutput)")
      }
    }
  }
}
