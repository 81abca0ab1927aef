import Testing

@testable import Identity

@Suite("Shared AWS files")
struct SharedConfigFileTests {
  private func config(_ text: String) throws -> [String: [String: String]] {
    try SharedConfigFile(text, kind: .config, path: "config").profiles.mapValues { $0.mapValues(\.value) }
  }

  private func credentials(_ text: String) throws -> [String: [String: String]] {
    try SharedConfigFile(text, kind: .credentials, path: "credentials").profiles.mapValues {
      $0.mapValues(\.value)
    }
  }

  @Test("profiles are [default] and [profile x] in the config file, other sections are left out")
  func configSections() throws {
    let profiles = try config(
      """
      [default]
      region = eu-west-1
      [profile app]
      region=us-east-1
      [profile "with space"]
      region = us-west-2
      [sso-session corp]
      sso_region = eu-north-1
      [app]
      region = ap-south-1
      """)
    #expect(
      profiles == [
        "default": ["region": "eu-west-1"], "app": ["region": "us-east-1"],
        "with space": ["region": "us-west-2"],
      ])
  }

  @Test("profiles are [x] in the credentials file")
  func credentialsSections() throws {
    #expect(try credentials("[default]\na=1\n[ app ]\na=2") == ["default": ["a": "1"], "app": ["a": "2"]])
  }

  @Test("[profile default] beats [default], wherever it stands")
  func profileDefault() throws {
    for text in [
      "[profile default]\na=1\n[default]\na=2\nb=3", "[default]\na=2\nb=3\n[profile default]\na=1",
    ] {
      #expect(try config(text) == ["default": ["a": "1"]])
    }
  }

  @Test("comments, blank lines, line ends, a byte order mark and white space do not count")
  func noise() throws {
    let text =
      "\u{FEFF}# file\r\n\r\n[default] ; section\r\n; comment\r\n  # indented comment\r\n A_Key \t= value one # end\r\nb=x#y\r\nc=\r\n"
    #expect(try credentials(text) == ["default": ["a_key": "value one", "b": "x#y", "c": ""]])
  }

  @Test("lines indented deeper than a setting belong to it, and evenly indented settings are settings")
  func nesting() throws {
    #expect(
      try config("[default]\ns3 =\n  max_concurrent_requests = 20\n  region = nested\nregion = eu-west-1")
        == ["default": ["s3": "", "region": "eu-west-1"]])
    #expect(try config("[default]\n  a = 1\n  b = 2") == ["default": ["a": "1", "b": "2"]])
  }

  @Test("a section in two pieces is one, and the last of two settings counts")
  func merging() throws {
    #expect(try config("[profile x]\na=1\n[profile y]\n[profile x]\na=2\nb=3")["x"] == ["a": "2", "b": "3"])
  }

  @Test("values keep equals signs, as session tokens have them")
  func equalsSigns() throws {
    #expect(try credentials("[x]\naws_session_token = FwoG/E+==")["x"] == ["aws_session_token": "FwoG/E+=="])
  }

  @Test(
    "a line that cannot be read is named by its number, without its content",
    arguments: [
      ("[default]\n\nAKIASECRET\n", 3), ("a = AKIASECRET\n", 1), ("[default]\n= AKIASECRET", 2),
      ("[AKIASECRET\n", 1), ("[default] AKIASECRET", 1),
    ])
  func errors(text: String, line: Int) {
    let error = #expect(throws: SharedConfigError.self) {
      try SharedConfigFile(text, kind: .credentials, path: "~/.aws/credentials")
    }
    #expect(error?.description.hasPrefix("~/.aws/credentials:\(line): ") == true)
    #expect(error?.description.contains("SECRET") == false)
  }
}
