import AccessModel
import Testing

@testable import Targets

@Suite("libpq's service files")
struct ServiceFileTests {
  private static let text = """
    # services
    [orders]
    host=orders.example.com

    [shop]
      host=shop.example.com
    port=6432
    options=-c search_path=app
    [shop]
    user=late
    """

  @Test("a service's keywords come with their lines")
  func keywords() throws {
    let files = try TemporaryFiles([".pg_service.conf": Self.text])
    let settings = try ServiceFile.settings(of: "shop", environment: files.environment())
    #expect(settings.map(\.keyword) == ["host", "port", "options", "user"])
    #expect(settings[0].value == "shop.example.com")
    #expect(settings[2].value == "-c search_path=app")
    #expect(
      settings[1].source == .serviceFile(path: "\(files.path)/.pg_service.conf", line: 7, service: "shop"))
  }

  @Test("a line in another encoding concerns nobody but its own service")
  func encodings() throws {
    let files = try TemporaryFiles()
    let latin = Array("# caf".utf8) + [0xE9] + Array("\n[caf".utf8) + [0xE9] + Array("]\nuser=".utf8) + [0xE9]
    try files.write(
      bytes: latin + Array("\n[shop]\nhost=h\n[own]\nuser=".utf8) + [0xE9], to: ".pg_service.conf")
    #expect(try ServiceFile.settings(of: "shop", environment: files.environment()).map(\.value) == ["h"])
    let error = #expect(throws: UnreadableFile.self) {
      try ServiceFile.settings(of: "own", environment: files.environment())
    }
    #expect(error?.reason.contains("line 7 is not UTF-8") == true)
  }

  @Test("PGSERVICEFILE replaces the home's file")
  func variable() throws {
    let files = try TemporaryFiles([".pg_service.conf": Self.text, "mine.conf": "[shop]\nhost=mine\n"])
    let environment = files.environment(["PGSERVICEFILE": "\(files.path)/mine.conf"])
    #expect(try ServiceFile.settings(of: "shop", environment: environment).map(\.value) == ["mine"])
  }

  @Test("the system's file is read for what the user's does not have")
  func system() throws {
    let files = try TemporaryFiles([
      ".pg_service.conf": Self.text, "pg_service.conf": "[far]\nhost=far\n[shop]\nhost=no\n",
    ])
    let environment = files.environment(["PGSYSCONFDIR": files.path])
    #expect(try ServiceFile.settings(of: "far", environment: environment).map(\.value) == ["far"])
    #expect(
      try ServiceFile.settings(of: "orders", environment: environment).map(\.value) == ["orders.example.com"])
  }

  @Test("a service that no file has is an error that names the files")
  func unknown() throws {
    let files = try TemporaryFiles([".pg_service.conf": Self.text])
    let error = #expect(throws: UnknownService.self) {
      try ServiceFile.settings(of: "shops", environment: files.environment())
    }
    #expect(error?.description.contains("“shops”") == true)
    #expect(error?.description.contains("\(files.path)/.pg_service.conf") == true)
  }

  @Test("lines may end as on Windows")
  func carriageReturn() throws {
    let files = try TemporaryFiles([".pg_service.conf": "[shop]\r\nhost=shop.example.com\r\nport=6432\r\n"])
    let settings = try ServiceFile.settings(of: "shop", environment: files.environment())
    #expect(settings.map(\.value) == ["shop.example.com", "6432"])
  }

  @Test("spaces at a line's end do not belong to the value, as in libpq")
  func trailingSpace() throws {
    let files = try TemporaryFiles([".pg_service.conf": "[shop]  \nhost=shop.example.com  \t\n"])
    let settings = try ServiceFile.settings(of: "shop", environment: files.environment())
    #expect(settings.map(\.value) == ["shop.example.com"])
  }
}
