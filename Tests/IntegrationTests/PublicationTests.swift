import Testing

@Suite("Publications")
struct PublicationTests {
  @Test("move to an owner who may not create in the database, and come back", arguments: ServerName.likeRDS)
  func publication(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      try await database.expectRoundTrip(["--iam-user", "iamuser", "--include", "publication"])
    }
  }
}
