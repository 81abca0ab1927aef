import Testing

@testable import Targets

@Suite("A connection string")
struct ConninfoTextTests {
  private static func parse(_ text: String) throws -> [String: String] {
    Dictionary(try ConninfoText.parse(text).map { ($0.keyword, $0.value) }) { first, _ in first }
  }

  @Test(
    "is told from a database's name as libpq does",
    arguments: [
      ("shop", false), ("postgres://h/d", true), ("postgresql://h", true), ("host=h", true),
      ("http://h", false),
      ("Postgres://h", false),
    ])
  func recognised(text: String, isConninfo: Bool) {
    #expect(ConninfoText.isConninfo(text) == isConninfo)
  }

  @Test("its parameters are read by libpq, encoded and quoted ones as well")
  func plain() throws {
    #expect(
      try Self.parse("postgresql://app:p%40ss@db.example.com:6432/shop?sslmode=require")
        == [
          "user": "app", "password": "p@ss", "host": "db.example.com", "port": "6432", "dbname": "shop",
          "sslmode": "require",
        ])
    #expect(
      try Self.parse(#"host=h password='a b\'c' application_name = x"#)
        == ["host": "h", "password": "a b'c", "application_name": "x"])
  }

  @Test(
    "may have parameters that only later versions of libpq know",
    arguments: [
      "postgresql://h/d?require_auth=password&sslnegotiation=direct&sslmode=require",
      "postgresql://h/d?sslmode=require&sslnegotiation=direct&require_auth=password",
      "host=h dbname=d sslmode=require require_auth=password sslnegotiation=direct",
      "require_auth=password host=h   dbname=d sslnegotiation=direct sslmode=require",
    ])
  func later(text: String) throws {
    #expect(
      try Self.parse(text) == [
        "host": "h", "dbname": "d", "sslmode": "require", "require_auth": "password",
        "sslnegotiation": "direct",
      ])
  }

  @Test("may have nothing but such a parameter")
  func laterAlone() throws {
    #expect(
      try Self.parse("postgresql://h?sslnegotiation=direct") == ["host": "h", "sslnegotiation": "direct"])
    #expect(try Self.parse("require_auth=password") == ["require_auth": "password"])
  }

  @Test("has such a parameter's value decoded like every other's")
  func laterEncoded() throws {
    #expect(
      try Self.parse("postgresql://h?require_auth=password%2Cscram-sha-256")["require_auth"]
        == "password,scram-sha-256")
  }

  @Test(
    "has such a parameter in every form that libpq takes",
    arguments: [
      "host=h require_auth='password'", "host=h require_auth = password", "host=h\trequire_auth=password",
      "host=h\nrequire_auth=password",
    ])
  func laterForms(text: String) throws {
    #expect(try Self.parse(text) == ["host": "h", "require_auth": "password"])
  }

  @Test("keeps the spaces within a quoted value, whatever stands beside it")
  func quotedSpaces() throws {
    let parameters = try Self.parse("application_name='a  b' require_auth=password")
    #expect(parameters == ["application_name": "a  b", "require_auth": "password"])
  }

  @Test("keeps a quoted value that only looks like such a parameter")
  func quotedParameter() throws {
    #expect(
      try Self.parse("application_name='a require_auth=b c'") == ["application_name": "a require_auth=b c"])
  }

  @Test(
    "that libpq does not take throws libpq's words, on one line",
    arguments: [
      ("postgresql://h/d?sslmod=require", #"invalid URI query parameter: "sslmod""#),
      ("host=h sslmod=require", #"invalid connection option "sslmod""#),
      ("host='h", "unterminated quoted string"),
      (
        "postgresql://h/d?Action=connect=x",
        #"extra key/value separator "=" in URI query parameter: "Action""#
      ),
    ])
  func malformed(text: String, words: String) throws {
    let error = #expect(throws: ConninfoText.Malformed.self) { try ConninfoText.parse(text) }
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("\n") == false)
  }

  @Test(
    "in which a password has become part of another value throws a reason without it",
    arguments: ["user=app\"password='hunter2' dbname=shop", "user='app password = hunter2'"])
  func mergedPassword(text: String) {
    let error = #expect(throws: ConninfoText.Malformed.self) { try ConninfoText.parse(text) }
    #expect(error?.message == "the value of user holds another “password=”; white space is missing before it")
  }
}
