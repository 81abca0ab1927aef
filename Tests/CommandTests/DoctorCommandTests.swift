import FoundationEssentials
import Testing

@Suite("doctor")
struct DoctorCommandTests {
  /// A folder with one file, for as long as `body` runs.
  private static func withFolder(
    _ file: String, _ text: String, _ body: (String) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.path() + "/doctor-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(file)"))
    try await body(folder)
  }

  @Test("help fits 80 columns, leaves -h to the host and says what the statuses mean")
  func help() async throws {
    let outcome = try await Program.run("doctor", "--help", environment: ["COLUMNS": "80"])
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    #expect(!outcome.output.contains("-h, --help"))
    for word in [
      "-h, --host", "--hostaddr", "--sslmode", "--token-host", "--dns-server", "--admin",
      "--password-from-env",
      "--samples", "--budget", "--compare-password", "--only", "--skip", "--ignore", "--fail-on", "--offline",
      "--list", "--timeout", "--format", "--output", "--checks", "--target", "explain", "64",
    ] {
      #expect(outcome.output.contains(word), "\(word)")
    }
    for line in outcome.output.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
  }

  @Test("--list needs no host, and has a line for each check")
  func list() async throws {
    let outcome = try await Program.run("doctor", "--list", environment: [:])
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    let ids = outcome.output.split(separator: "\n").compactMap {
      $0.split(separator: " ").first.map(String.init)
    }
    #expect(ids.first == "config-target" && ids.last == "timing-compare")
    #expect(ids.count == Set(ids).count && ids.count >= 30)
  }

  @Test("--only and --skip with --list show what is left, still without a host")
  func listOfSome() async throws {
    let outcome = try await Program.run(
      "doctor", "--only", "tls", "--skip", "tls-name", "--list", environment: [:])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let ids = outcome.output.split(separator: "\n").compactMap {
      $0.split(separator: " ").first.map(String.init)
    }
    #expect(ids.contains("tls-trust") && ids.contains("tcp-connect"))
    #expect(!ids.contains("tls-name") && !ids.contains("login-token"))
    let unknown = try await Program.run("doctor", "--only", "tsl", "--list", environment: [:])
    #expect(unknown.status == 64 && unknown.output == "")
  }

  @Test("offline, a sound target passes with status 0")
  func offline() async throws {
    let outcome = try await Program.run(
      "doctor", "--offline", "-h", Program.endpoint, "-U", "app", "-d", "shop", "--sslmode", "verify-full")
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(!outcome.output.contains("xyzzysecret") && !outcome.output.contains("plughtoken"))
  }

  @Test("offline, a finding ends with status 1, and JSON names it")
  func finding() async throws {
    let outcome = try await Program.run(
      "doctor", "--offline", "-h", Program.endpoint, "-U", "app", "--sslmode", "verify_full", "--format",
      "json")
    #expect(outcome.status == 1)
    let json = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
    #expect(json.verdict == "fail" && json.diagnosis == "dsn-sslmode-typo")
    #expect(json.diagnoses.first?.id == json.diagnosis)
  }

  @Test("an ignored finding is shown and ends with status 0")
  func ignored() async throws {
    let outcome = try await Program.run(
      "doctor", "--offline", "-h", Program.endpoint, "-U", "app", "--sslmode", "verify_full", "--ignore",
      "dsn-sslmode-typo=we know", "--only", "config")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("dsn-sslmode-typo") && outcome.output.contains("we know"))
  }

  @Test("a raw token in a URI is a finding, and not wrong usage")
  func rawToken() async throws {
    let outcome = try await Program.run(
      "doctor", "--offline", "--format", "json", "-d",
      "postgresql://app:h:5432/?Action=connect&DBUser=app&X-Amz-Signature=deadbeefcafe@h/shop")
    #expect(outcome.status == 1)
    let json = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
    #expect(json.diagnosis == "dsn-token-raw-in-uri")
    #expect(!outcome.output.contains("deadbeefcafe"))
  }

  @Test("a malformed page of one's own is an error with its file and line")
  func malformedPage() async throws {
    try await Self.withFolder("acme-broken.md", "---\nid: acme-other\ntitle: Broken\n---\n") { folder in
      let outcome = try await Program.run("doctor", "--offline", "-h", Program.endpoint, "--checks", folder)
      #expect(outcome.status == 64)
      #expect(outcome.output == "")
      #expect(outcome.errors.contains("\(folder)/acme-broken.md:3: "), "\(outcome.errors)")
    }
  }

  @Test("a malformed target file is an error with its file and line")
  func malformedTarget() async throws {
    try await Self.withFolder("dbauth.yaml", "targets:\n  shop:\n    hots: h\n") { folder in
      let outcome = try await Program.run(
        "doctor", "--offline", "--target", "shop", environment: ["DBAUTH_CONFIG": "\(folder)/dbauth.yaml"])
      #expect(outcome.status == 64)
      #expect(outcome.output == "")
      #expect(outcome.errors.contains("\(folder)/dbauth.yaml:3"), "\(outcome.errors)")
    }
  }

  @Test("a target's own host and user are used, and an unknown target names the ones there are")
  func target() async throws {
    let text = "targets:\n  shop:\n    host: \(Program.endpoint)\n    user: app\n    sslmode: verify-full\n"
    try await Self.withFolder("dbauth.yaml", text) { folder in
      let config = ["--config", "\(folder)/dbauth.yaml"]
      let good = try await Program.run(
        ["doctor", "--offline", "--target", "shop", "--format", "json"] + config)
      #expect(good.status == 0, "\(good.errors)")
      #expect(good.output.contains(Program.endpoint))
      let bad = try await Program.run(["doctor", "--offline", "--target", "shp"] + config)
      #expect(bad.status == 64)
      #expect(bad.errors.contains("shp") && bad.errors.contains("it has shop"))
    }
  }

  /// What of the JSON report these tests look at.
  private struct Report: Decodable {
    struct Diagnosis: Decodable {
      let id: String
    }

    let verdict: String
    let diagnosis: String?
    let diagnoses: [Diagnosis]
  }
}
