import Testing

@testable import Targets

@Suite("A target file")
struct TargetFileTests {
  private static let text = """
    targets:
      orders:
        host: orders.example.com
        port: 6432
        sslmode: verify-full
        region: eu-west-1
      empty: {}
    """

  private static func failure(_ text: String) throws -> MalformedTargetFile? {
    #expect(throws: MalformedTargetFile.self) { try TargetFile(path: "dbauth.yaml", text: text) }
  }

  @Test("a target's keys come with their values as text and their lines")
  func entries() throws {
    let file = try TargetFile(path: "dbauth.yaml", text: Self.text)
    let entries = try file.entries(of: "orders")
    #expect(entries.map(\.key) == ["host", "port", "sslmode", "region"])
    #expect(entries.map(\.value) == ["orders.example.com", "6432", "verify-full", "eu-west-1"])
    #expect(entries.map(\.line) == [3, 4, 5, 6])
    #expect(try file.entries(of: "empty") == [])
  }

  @Test("files are looked for beside the target file, wherever the working folder is")
  func places() throws {
    let text =
      "targets:\n  a:\n    sslrootcert: ca.pem\n    sslkey: /etc/key.pem\n  b:\n    sslrootcert: system\n"
    let file = try TargetFile(path: "deploy/dbauth.yaml", text: text)
    #expect(try file.entries(of: "a").map(\.value) == ["deploy/ca.pem", "/etc/key.pem"])
    #expect(try file.entries(of: "b").map(\.value) == ["system"])
    #expect(try TargetFile(path: "dbauth.yaml", text: text).entries(of: "a").first?.value == "ca.pem")
  }

  @Test("an unknown target is an error that names the ones there are")
  func unknownTarget() throws {
    let file = try TargetFile(path: "dbauth.yaml", text: Self.text)
    let error = #expect(throws: UnknownTarget.self) { try file.entries(of: "order") }
    #expect(error?.description == "dbauth.yaml has no target “order”; it has empty, orders")
  }

  @Test(
    "an error has the file and the line",
    arguments: [
      ("targets:\n  orders:\n    host: h\n    hots: h\n", 4, "“hots”"),
      ("targets:\n  orders:\n    password: geheim\n", 3, "password"),
      ("targets:\n  orders:\n    host:\n      - a\n      - b\n", 4, "not a single value"),
      ("targets:\n  orders: orders.example.com\n", 2, "not a mapping"),
      ("target:\n  orders:\n    host: h\n", 1, "targets"),
      ("- a\n- b\n", 1, "targets"), ("", 1, "targets"),
      ("targets:\n  orders:\n   host: h\n  port: [\n", 5, "not YAML"),
      ("targets:\n\torders: {}\n", 2, "not YAML"),
      ("targets:\n  orders:\n    host: a\n    host: b\n", 3, "host"),
    ])
  func errors(text: String, line: Int, words: String) throws {
    let error = try Self.failure(text)
    #expect(error?.description.hasPrefix("dbauth.yaml:\(line): ") == true, "\(error?.description ?? "")")
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("geheim") == false)
    #expect(error?.description.contains("\n") == false)
  }

  @Test("a file that is not there says how to name another")
  func missing() throws {
    let error = #expect(throws: UnreadableFile.self) { try TargetFile(path: "/nonexistent/dbauth.yaml") }
    #expect(error?.description.contains("--config") == true)
  }

  @Test("the way out for a file of another user's is not chmod")
  func foreign() {
    let owned = UntrustedTargetFile(path: "dbauth.yaml", reason: .foreign(owner: 1000)).description
    #expect(owned.contains("uid 1000") && owned.contains("--config") && owned.contains("chown"))
    #expect(!owned.contains("chmod"))
    let open = UntrustedTargetFile(path: "dbauth.yaml", reason: .othersMayWrite(mode: "666")).description
    #expect(open.contains("chmod go-w"))
  }

  @Test("a file that is not UTF-8 is an error")
  func latin() throws {
    let files = try TemporaryFiles()
    try files.write("targets: {}\n", to: "a.yaml")
    #expect(throws: Never.self) { try TargetFile(path: "\(files.path)/a.yaml") }
    let error = #expect(throws: UnreadableFile.self) { try TargetFile(path: files.path) }
    #expect(error?.path == files.path)
  }
}
