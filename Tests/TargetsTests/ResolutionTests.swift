import AccessModel
import Testing

@testable import Targets

@Suite("Who sets a connection's parameters")
struct ResolutionTests {
  private static let token =
    "db.abc.eu-west-1.rds.amazonaws.com:5432/?Action=connect&DBUser=app&X-Amz-Security-Token=xyzzy&X-Amz-Signature=0f"

  private static func flag(_ keyword: String, _ value: String) -> (
    keyword: String, value: String, name: String
  ) {
    (keyword, value, "--\(keyword)")
  }

  @Test("a flag beats the service file, that the environment, and that the target file")
  func precedence() throws {
    let files = try TemporaryFiles([
      ".pg_service.conf": "[shop]\nsslmode=verify-ca\nport=2\nhost=service\n",
      "dbauth.yaml":
        "targets:\n  shop:\n    sslmode: prefer\n    port: 4\n    host: target\n    application_name: t\n",
    ])
    let environment = files.environment([
      "PGSERVICE": "shop", "PGSSLMODE": "require", "PGPORT": "3", "PGHOST": "environment", "PGAPPNAME": "e",
      "PGGSSENCMODE": "disable",
    ])
    let settings = try ConnectionSettings(
      ConnectionFlags(
        flags: [Self.flag("sslmode", "verify-full")], database: "port=1",
        target: ("shop", "\(files.path)/dbauth.yaml")), environment: environment)
    #expect(settings["sslmode"] == "verify-full")
    #expect(settings["port"] == "1")
    #expect(settings["host"] == "service")
    #expect(settings["application_name"] == "e")
    #expect(settings["gssencmode"] == "disable")
    let sources = settings.settings["sslmode"]?.map(\.source)
    #expect(
      sources == [
        .flag("--sslmode"), .serviceFile(path: "\(files.path)/.pg_service.conf", line: 2, service: "shop"),
        .environment("PGSSLMODE"), .targetFile(path: "\(files.path)/dbauth.yaml", line: 3, target: "shop"),
        .builtIn,
      ])
    #expect(settings.overruled.map(\.keyword).contains("sslmode"))
  }

  @Test("the target file beats libpq's own defaults")
  func target() throws {
    let files = try TemporaryFiles([
      "dbauth.yaml": "targets:\n  shop:\n    port: 6432\n    user: app\n    region: eu-west-1\n"
    ])
    let settings = try ConnectionSettings(
      ConnectionFlags(target: ("shop", "\(files.path)/dbauth.yaml")), environment: files.environment())
    #expect(settings["port"] == "6432" && settings["user"] == "app" && settings["dbname"] == "app")
    #expect(settings["region"] == "eu-west-1" && settings["sslmode"] == "prefer")
  }

  @Test("a target may name a service, whose settings then count")
  func serviceOfTarget() throws {
    let files = try TemporaryFiles([
      ".pg_service.conf": "[shop]\nhost=service\n", "dbauth.yaml": "targets:\n  shop:\n    service: shop\n",
    ])
    let settings = try ConnectionSettings(
      ConnectionFlags(target: ("shop", "\(files.path)/dbauth.yaml")), environment: files.environment())
    #expect(settings["host"] == "service")
  }

  @Test("a flag and -d that say the same are no contradiction, others are one")
  func contradiction() throws {
    let environment = Environment(["HOME": "/nonexistent"])
    let same = try ConnectionSettings(
      ConnectionFlags(flags: [Self.flag("host", "h")], database: "host=h port=1"), environment: environment)
    #expect(same["host"] == "h" && same["port"] == "1")
    let error = #expect(throws: ContradictingFlags.self) {
      try ConnectionSettings(
        ConnectionFlags(flags: [Self.flag("host", "h")], database: "postgresql://other/d"),
        environment: environment)
    }
    #expect(error?.keyword == "host")
    #expect(error?.description.contains("--host says “h”") == true)
    #expect(error?.description.contains("-d/--dbname says “other”") == true)
  }

  @Test("-d without an equals sign is a database's name")
  func databaseName() throws {
    let settings = try ConnectionSettings(
      ConnectionFlags(database: "shop"), environment: Environment(["PGDATABASE": "orders", "PGUSER": "app"]))
    #expect(settings["dbname"] == "shop" && settings["user"] == "app")
  }

  @Test("an empty variable and an empty value are none")
  func empty() throws {
    let settings = try ConnectionSettings(
      ConnectionFlags(database: "host='' port=1"), environment: Environment(["PGUSER": "", "PGHOST": "h"]))
    #expect(settings["host"] == "h")
    #expect(settings["user"] != "")
  }

  @Test("the password is -d's before PGPASSWORD's, and that before the password file's")
  func password() throws {
    let files = try TemporaryFiles([".pgpass": "h:5432:app:app:filed\n"])
    let flags = [Self.flag("host", "h"), Self.flag("user", "app")]
    let first = try ConnectionSettings(
      ConnectionFlags(flags: flags, database: "password=given"),
      environment: files.environment(["PGPASSWORD": "set"]))
    #expect(first.password?.value.exposed == "given" && first.password?.source == .conninfo)
    let second = try ConnectionSettings(
      ConnectionFlags(flags: flags), environment: files.environment(["PGPASSWORD": "set"]))
    #expect(second.password?.value.exposed == "set" && second.password?.source == .environment("PGPASSWORD"))
    let third = try ConnectionSettings(ConnectionFlags(flags: flags), environment: files.environment())
    #expect(third.password?.value.exposed == "filed" && third.passwordLine?.line == 1)
    #expect(third["password"] == nil)
  }

  @Test("a password line is looked up by hostaddr when there is no host, as in libpq")
  func passwordByAddress() throws {
    let files = try TemporaryFiles([".pgpass": "10.0.1.17:5432:app:app:filed\n"])
    let settings = try ConnectionSettings(
      ConnectionFlags(flags: [Self.flag("hostaddr", "10.0.1.17"), Self.flag("user", "app")]),
      environment: files.environment())
    #expect(settings.password?.value.exposed == "filed")
  }

  @Test(
    "a raw token in a URI is a problem that says so, and shows nothing of it",
    arguments: [
      "postgresql://app:\(token)@db.abc.eu-west-1.rds.amazonaws.com:5432/shop?sslmode=require",
      "postgresql://app:\(token)@db.abc.eu-west-1.rds.amazonaws.com/shop",
      "postgresql://app:h:5432/?Action=connect@h/shop?sslmode=require",
    ])
  func rawToken(uri: String) throws {
    let settings = try ConnectionSettings(
      ConnectionFlags(database: uri), environment: Environment(["HOME": "/nonexistent"]))
    let problem = try #require(settings.problems.first)
    #expect(problem.mentionsToken)
    guard case .conninfo(let words) = problem.kind else {
      Issue.record("it is \(problem.kind)")
      return
    }
    let texts = [
      #"invalid URI query parameter: "Action""#,
      #"extra key/value separator "=" in URI query parameter: "Action""#,
    ]
    #expect(texts.contains(words), "\(words)")
    #expect(!words.contains("xyzzy") && !words.contains("0f"))
  }

  @Test("an encoded token in a URI is a password")
  func encodedToken() throws {
    let settings = try ConnectionSettings(
      ConnectionFlags(database: "postgresql://app:h%3A5432%2F%3FAction%3Dconnect@h/shop"),
      environment: Environment(["HOME": "/nonexistent"]))
    #expect(settings.problems.isEmpty)
    #expect(settings.password?.value.exposed == "h:5432/?Action=connect")
  }

  @Test("another malformed string is a problem without a token")
  func malformed() throws {
    let settings = try ConnectionSettings(
      ConnectionFlags(database: "hots=h"), environment: Environment(["HOME": "/nonexistent"]))
    #expect(settings.problems.map(\.mentionsToken) == [false])
  }

  @Test("every variable of libpq's that doctor knows sets its keyword")
  func variables() throws {
    for (variable, keyword) in ConnectionSettings.variables where keyword != "service" {
      let settings = try ConnectionSettings(
        ConnectionFlags(), environment: Environment([variable: "x", "HOME": "/nonexistent"]))
      #expect(settings.setting(keyword) == Setting("x", .environment(variable)))
    }
  }
}
