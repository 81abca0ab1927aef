import AccessModel
import Testing

@testable import Targets

@Suite("An administrator's own settings")
struct AdministratorSettingsTests {
  private static let variables = [
    "PGHOST": "db", "PGHOSTADDR": "10.0.0.5", "PGPORT": "6432", "PGUSER": "app", "PGPASSWORD": "token",
    "PGSSLMODE": "disable", "PGSSLROOTCERT": "/ca.pem", "PGSSLCERT": "/app.crt", "PGDATABASE": "shop",
    "PGOPTIONS": "-c role=app", "PGREQUIREAUTH": "password",
  ]

  private static func settings(
    _ text: String, _ files: borrowing TemporaryFiles, _ more: [String: String] = [:]
  ) throws -> (settings: ConnectionSettings, isElsewhere: Bool) {
    let environment = files.environment(variables.merging(more) { $1 })
    let target = try ConnectionSettings(ConnectionFlags(), environment: environment)
    return try ConnectionSettings.administrator(text, beside: target, environment: environment)
  }

  @Test("at the target's server it shares the way there, and no password")
  func beside() throws {
    let (settings, isElsewhere) = try Self.settings("user=root", TemporaryFiles())
    #expect(!isElsewhere && settings["user"] == "root" && settings.password == nil)
    #expect(settings["host"] == "db" && settings["hostaddr"] == "10.0.0.5" && settings["port"] == "6432")
    #expect(settings["sslmode"] == "disable" && settings["dbname"] == "shop")
    #expect(settings["options"] == nil && settings["require_auth"] == nil)
  }

  @Test("to another host nothing of the target's goes but the database's name and the root file")
  func elsewhere() throws {
    let (settings, isElsewhere) = try Self.settings("host=other user=root", TemporaryFiles())
    #expect(isElsewhere && settings["host"] == "other" && settings.password == nil)
    #expect(settings["hostaddr"] == nil && settings["port"] == "5432" && settings["sslcert"] == nil)
    #expect(settings["sslmode"] == "prefer" && settings.setting("sslmode")?.source == .builtIn)
    #expect(settings["sslrootcert"] == "/ca.pem" && settings["dbname"] == "shop")
    let (strict, _) = try Self.settings(
      "host=other user=root", TemporaryFiles(), ["PGSSLMODE": "verify-full"])
    #expect(strict["sslmode"] == "verify-full")
  }

  @Test("PGSERVICE is the target's, a service of the string's its own")
  func services() throws {
    let files = try TemporaryFiles([
      ".pg_service.conf": "[app]\npassword=apps\nuser=app\n[root]\npassword=roots\nhost=other\nuser=root\n"
    ])
    let (foreign, _) = try Self.settings("dbname=x", files, ["PGSERVICE": "app"])
    #expect(foreign.password == nil && foreign.setting("user")?.source == .builtIn)
    let (own, isElsewhere) = try Self.settings("service=root", files, ["PGSERVICE": "app"])
    #expect(own.password?.value.exposed == "roots" && own["user"] == "root" && isElsewhere)
  }

  @Test("the password is the string's, DBAUTH_ADMIN_PASSWORD's, or that of its own line in the password file")
  func passwords() throws {
    let files = try TemporaryFiles([".pgpass": "db:6432:shop:app:apps\ndb:6432:shop:root:roots\n"])
    let variable = ["DBAUTH_ADMIN_PASSWORD": "variable's"]
    let given = try Self.settings("user=root password=own", files, variable).settings
    #expect(given.password?.value.exposed == "own")
    let set = try Self.settings("user=root", files, variable).settings
    #expect(set.password?.value.exposed == "variable's")
    let filed = try Self.settings("user=root", files).settings
    #expect(filed.password?.value.exposed == "roots" && filed.passwordLine?.line == 2)
  }
}
