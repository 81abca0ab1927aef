import AccessModel
import FoundationEssentials
import Identity
import Signing
import Testing

@Suite("The chain of credentials")
struct CredentialChainTests {
  private let folder: TemporaryFolder
  private let now = Date(timeIntervalSince1970: 1_700_000_000)

  init() throws { folder = try TemporaryFolder() }

  /// Variables that point at the folder's files and nowhere else.
  private func environment(_ variables: [String: String] = [:]) -> Environment {
    Environment(
      [
        "HOME": folder.path, "AWS_CONFIG_FILE": folder.path + "/config",
        "AWS_SHARED_CREDENTIALS_FILE": folder.path + "/credentials",
      ].merging(variables) { $1 })
  }

  private func resolve(profile: String? = nil, _ variables: [String: String] = [:]) async throws
    -> AWSCredentials
  {
    try await CredentialChain.standard(profile: profile, environment: environment(variables)).resolve(at: now)
      .credentials
  }

  private static let keys = ["AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "envsecret"]

  @Test("the environment's keys come first, with their session token and expiration")
  func environmentKeys() async throws {
    try folder.write(
      "[default]\naws_access_key_id=AKIAFILE\naws_secret_access_key=filesecret", to: "credentials")
    let found = try await resolve(
      Self.keys.merging(["AWS_SESSION_TOKEN": "t", "AWS_CREDENTIAL_EXPIRATION": "2033-05-18T03:33:20Z"]) {
        $1
      })
    #expect(
      found
        == AWSCredentials(
          accessKeyID: "AKIAENV", secretAccessKey: Secret("envsecret"), sessionToken: Secret("t"),
          expiration: Date(timeIntervalSince1970: 2_000_000_000)))
  }

  @Test("a profile named on the command line beats the environment's keys, AWS_PROFILE does not")
  func explicitProfile() async throws {
    try folder.write("[app]\naws_access_key_id=AKIAFILE\naws_secret_access_key=filesecret", to: "credentials")
    #expect(try await resolve(profile: "app", Self.keys).accessKeyID == "AKIAFILE")
    #expect(try await resolve(Self.keys.merging(["AWS_PROFILE": "app"]) { $1 }).accessKeyID == "AKIAENV")
    #expect(try await resolve(["AWS_PROFILE": "app"]).accessKeyID == "AKIAFILE")
    #expect(try await resolve(["AWS_DEFAULT_PROFILE": "app"]).accessKeyID == "AKIAFILE")
  }

  @Test("keys may stand in either file, and the credentials file wins")
  func bothFiles() async throws {
    try folder.write(
      "[default]\naws_access_key_id=AKIACONFIG\naws_secret_access_key=c\naws_session_token=t", to: "config")
    #expect(try await resolve().accessKeyID == "AKIACONFIG")
    try folder.write("[default]\naws_access_key_id=AKIACREDS\naws_secret_access_key=s", to: "credentials")
    #expect(try await resolve().accessKeyID == "AKIACREDS")
  }

  @Test("the files are found below HOME")
  func home() async throws {
    try FileManager.default.createDirectory(atPath: folder.path + "/.aws", withIntermediateDirectories: true)
    try folder.write("[default]\naws_access_key_id=AKIAHOME\naws_secret_access_key=s", to: ".aws/credentials")
    let chain = CredentialChain.standard(profile: nil, environment: Environment(["HOME": folder.path]))
    #expect(try await chain.resolve(at: now).credentials.accessKeyID == "AKIAHOME")
  }

  @Test("the trail says who was asked and what each answered, without a secret")
  func trail() async throws {
    try folder.write(
      "[default]\naws_access_key_id=AKIA1234\naws_secret_access_key=hunter2", to: "credentials")
    let chain = CredentialChain.standard(profile: nil, environment: environment())
    let trail = try await chain.resolve(at: now).trail
    #expect(
      trail.description == """
          the environment: AWS_ACCESS_KEY_ID is not set
          profile “default”: access key …1234
        """)
  }

  @Test("when nobody has credentials, the error tells the whole trail and what to do")
  func missing() async throws {
    let error = await #expect(throws: MissingCredentials.self) {
      try await resolve(["AWS_WEB_IDENTITY_TOKEN_FILE": "/token"])
    }
    let message = try #require(error?.description)
    #expect(message.contains("AWS_WEB_IDENTITY_TOKEN_FILE"))
    #expect(message.contains("no such profile in \(folder.path)/config or \(folder.path)/credentials"))
    #expect(message.contains("--profile"))
  }

  @Test("one half of a pair of keys is an error that names the other half")
  func incomplete() async throws {
    let fromEnvironment = await #expect(throws: IncompleteCredentials.self) {
      try await resolve(["AWS_ACCESS_KEY_ID": "AKIA"])
    }
    #expect(fromEnvironment?.missing == "AWS_SECRET_ACCESS_KEY")
    try folder.write("[default]\n\naws_secret_access_key = hunter2", to: "credentials")
    let fromFile = await #expect(throws: IncompleteCredentials.self) { try await resolve() }
    #expect(fromFile?.missing == "aws_access_key_id")
    #expect(fromFile?.place.hasSuffix("credentials:3)") == true)
  }

  @Test("white space inside a key is an error, because AWS would only say that the signature is wrong")
  func whiteSpace() async throws {
    let error = await #expect(throws: MalformedCredential.self) {
      try await resolve(["AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "hunter2\n"])
    }
    #expect(error?.name == "AWS_SECRET_ACCESS_KEY")
    #expect(error?.description.contains("hunter2") == false)
  }

  @Test("credentials that have ended are refused, with the time at which they did")
  func expired() async throws {
    let error = await #expect(throws: ExpiredCredentials.self) {
      try await resolve(Self.keys.merging(["AWS_CREDENTIAL_EXPIRATION": "2023-11-14T22:13:20+00:00"]) { $1 })
    }
    #expect(error?.description.contains("2023-11-14T22:13:20Z") == true)
    let unreadable = await #expect(throws: MalformedCredential.self) {
      try await resolve(Self.keys.merging(["AWS_CREDENTIAL_EXPIRATION": "tomorrow"]) { $1 })
    }
    #expect(unreadable?.description.contains("tomorrow") == true)
  }

  @Test("sign-in programs' expiration beside a profile's keys counts")
  func profileExpiration() async throws {
    try folder.write(
      """
      [default]
      aws_access_key_id = AKIA
      aws_secret_access_key = s
      x_security_token_expires = 2033-05-18T05:33:20.500+02:00
      """, to: "credentials")
    #expect(try await resolve().expiration == Date(timeIntervalSince1970: 2_000_000_000.5))
  }

  @Test("a profile that is not there is an error that lists those that are")
  func unknownProfile() async throws {
    try folder.write("[profile app]\nregion=eu-west-1\n[profile web]", to: "config")
    let error = await #expect(throws: UnknownProfile.self) { try await resolve(profile: "ap") }
    #expect(error?.description.contains("profiles there: app, web") == true)
  }

  @Test(
    "a profile of another kind is an error that names its setting and the way out",
    arguments: [
      "role_arn", "web_identity_token_file", "sso_session", "sso_start_url", "credential_process",
      "login_session",
    ])
  func unsupported(setting: String) async throws {
    try folder.write("[profile it's]\n\(setting) = x", to: "config")
    let error = await #expect(throws: UnsupportedProfile.self) { try await resolve(profile: "it's") }
    let message = try #require(error?.description)
    #expect(message.contains("by \(setting) (\(folder.path)/config:2)"))
    #expect(message.contains(#"--profile 'it'\''s' "#))
  }

  @Test("a role beside keys is meant, keys beside a process are meant")
  func precedence() async throws {
    try folder.write(
      "[a]\nrole_arn=r\naws_access_key_id=K\naws_secret_access_key=s\n"
        + "[b]\ncredential_process=p\naws_access_key_id=K\naws_secret_access_key=s", to: "credentials")
    await #expect(throws: UnsupportedProfile.self) { try await resolve(profile: "a") }
    #expect(try await resolve(profile: "b").accessKeyID == "K")
  }

  @Test("a file that cannot be read is an error that says why")
  func unreadable() async throws {
    try FileManager.default.createDirectory(
      atPath: folder.path + "/credentials", withIntermediateDirectories: true)
    let error = await #expect(throws: SharedFileError.self) { try await resolve() }
    #expect(
      error?.description == "could not read \(folder.path)/credentials: it is a folder, not a regular file")
  }
}
