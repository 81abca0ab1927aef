import AccessModel
import FoundationEssentials
import Testing

@testable import Targets

@Suite("libpq's password file")
struct PasswordFileTests {
  private static func match(
    _ text: String, host: String = "db.example.com", port: String = "5432", database: String = "shop",
    user: String = "app", permissions: Int = 0o600
  ) throws -> PasswordFile.Match? {
    let files = try TemporaryFiles()
    try files.write(text, to: ".pgpass", permissions: permissions)
    return try PasswordFile.match(
      path: "\(files.path)/.pgpass", host: host, port: port, database: database, user: user)
  }

  @Test(
    "a line is for the connection that it names",
    arguments: [
      ("db.example.com:5432:shop:app:secret", true), ("*:*:*:*:secret", true), ("*:5432:*:app:secret", true),
      ("db.example.com:*:shop:*:secret", true), ("other.example.com:5432:shop:app:secret", false),
      ("db.example.com:5433:shop:app:secret", false), ("db.example.com:5432:orders:app:secret", false),
      ("db.example.com:5432:shop:App:secret", false), ("db.*:5432:shop:app:secret", false),
      ("# db.example.com:5432:shop:app:secret", false), ("db.example.com:5432:shop:app", false),
      ("DB.example.com:5432:shop:app:secret", false), ("", false),
    ])
  func lines(line: String, isFor: Bool) throws {
    let match = try Self.match(line + "\n")
    #expect((match != nil) == isFor)
    if isFor { #expect(match?.password.exposed == "secret") }
  }

  @Test("the first line that fits counts, with its number")
  func first() throws {
    let match = try Self.match(
      "# passwords\nother:*:*:*:no\n\n*:*:*:app:first\ndb.example.com:*:*:*:second\n")
    #expect(match?.line == 4)
    #expect(match?.password.exposed == "first")
  }

  @Test("a backslash protects a colon and a backslash")
  func escapes() throws {
    let match = try Self.match(#"db\.example.com:5432:shop:app:a\:b\\c"# + "\n")
    #expect(match?.password.exposed == #"a:b\c"#)
    #expect(match?.isCut == false)
  }

  @Test("a line in another encoding concerns nobody but those whom it is for")
  func encodings() throws {
    let files = try TemporaryFiles()
    // é in ISO 8859-1.
    try files.write(
      bytes: Array("# caf".utf8) + [0xE9] + Array("\n*:*:*:eve:".utf8) + [0xE9, 0x0A], to: ".pgpass")
    try files.write(
      bytes: Array("*:*:*:eve:".utf8) + [0xE9] + Array("\r\n*:*:*:app:secret\r\n".utf8), to: "second")
    func match(_ name: String, _ user: String) throws -> PasswordFile.Match? {
      try PasswordFile.match(
        path: "\(files.path)/\(name)", host: "db", port: "5432", database: "shop", user: user)
    }
    #expect(try match(".pgpass", "app") == nil)
    #expect(try match("second", "app")?.password.exposed == "secret")
    #expect(try match("second", "app")?.line == 2)
    let error = #expect(throws: UnreadableFile.self) { try match("second", "eve") }
    #expect(error?.reason.contains("line 1 is not UTF-8") == true)
  }

  @Test("an escaped colon in a name is part of it")
  func escapedName() throws {
    #expect(try Self.match(#"2001\:db8\:\:5:5432:shop:app:secret"#, host: "2001:db8::5") != nil)
  }

  @Test("a password ends at its first bare colon, and that is noted")
  func cut() throws {
    let match = try Self.match("*:*:*:*:db.example.com:5432/?Action=connect\n")
    #expect(match?.password.exposed == "db.example.com")
    #expect(match?.isCut == true)
  }

  @Test("an empty password is one")
  func empty() throws {
    #expect(try Self.match("*:*:*:*:\n")?.password.exposed == "")
  }

  @Test("a line of four fields has no password, and is for nobody", arguments: ["*:*:*:*", "*:*:*:app"])
  func fourFields(line: String) throws {
    #expect(try Self.match(line + "\n") == nil)
  }

  @Test("an escaped asterisk is an asterisk, and fits no other name")
  func escapedAsterisk() throws {
    #expect(try Self.match(#"\*:*:*:*:secret"#) == nil)
  }

  @Test("line ends of Windows do not belong to the password")
  func carriageReturn() throws {
    #expect(try Self.match("*:*:*:*:secret\r\n")?.password.exposed == "secret")
    let second = try Self.match("other:*:*:*:no\r\n*:*:*:*:secret\r\n")
    #expect(second?.line == 2 && second?.password.exposed == "secret")
  }

  @Test("a file that others may read is ignored, as libpq does", arguments: [0o640, 0o604, 0o660, 0o644])
  func permissions(mode: Int) throws {
    #expect(try Self.match("*:*:*:*:secret\n", permissions: mode) == nil)
  }

  @Test("no file, and a folder, are no passwords")
  func missing() throws {
    let files = try TemporaryFiles()
    for path in ["\(files.path)/nothing", files.path] {
      #expect(try PasswordFile.match(path: path, host: "h", port: "1", database: "d", user: "u") == nil)
    }
  }
}
