import AccessModel
import FoundationEssentials
import Signing
import Testing

@Suite("Aurora DSQL tokens")
struct DSQLTokenTests {
  private func sign(_ action: DSQLToken.Action, lifetime: Int = DSQLToken.defaultLifetime) throws
    -> SignedToken
  {
    try DSQLToken.sign(
      host: "test.dsql.us-east-1.on.aws", action: action, region: Region("us-east-1"),
      credentials: AWSCredentials(
        accessKeyID: "ACCESS_KEY", secretAccessKey: Secret("SECRET_KEY"),
        sessionToken: Secret("SESSION_TOKEN")),
      lifetime: lifetime, date: Date("2024-11-07T17:39:33Z", strategy: .iso8601))
  }

  @Test(
    "a token is the reference token, without port and user",
    arguments: [
      (DSQLToken.Action.connect, "57fe03e060348aaa21405c239bf02572bbc911076e94dcd65c12ae569dd8fcf4"),
      (.connectAdmin, "5ac084bc7cabccc19a52a5d1b5c24b50d3ce143f43b659bd484c91aaf555e190"),
    ])
  func vectors(action: DSQLToken.Action, signature: String) throws {
    #expect(
      try sign(action).token.exposed == """
        test.dsql.us-east-1.on.aws/?Action=\(action.rawValue)&X-Amz-Algorithm=AWS4-HMAC-SHA256\
        &X-Amz-Credential=ACCESS_KEY%2F20241107%2Fus-east-1%2Fdsql%2Faws4_request\
        &X-Amz-Date=20241107T173933Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host\
        &X-Amz-Security-Token=SESSION_TOKEN&X-Amz-Signature=\(signature)
        """)
  }

  @Test("the lifetime asked for is signed and reported")
  func lifetime() throws {
    let token = try sign(.connect, lifetime: 3_600)
    #expect(token.token.exposed.contains("&X-Amz-Expires=3600&"))
    #expect(token.expiresAt == token.issuedAt + 3_600)
  }
}
