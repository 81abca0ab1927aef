import AccessModel
import Testing

@Suite("Resource ids")
struct ResourceIDTests {
  @Test(
    "ids as RDS issues them are accepted",
    arguments: [
      ("db-12ABC34DEFG5HIJ6KLMNOP78QR", ResourceID.Kind.instance), ("db-ABCDEFGHIJKL01234", .instance),
      ("cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ", .cluster), ("prx-0123456789abcdef0", .proxy),
      ("prx-ABCDEFGHIJKL01234", .proxy),
    ])
  func accepted(text: String, kind: ResourceID.Kind) throws {
    let id = try ResourceID(text)
    #expect(id.kind == kind)
    #expect(id.description == text)
  }

  @Test(
    "a name is refused with the commands that find the id",
    arguments: [
      "mydb", "db-main", "cluster-production", "", "db-", "prx-app", "mydb.abc.us-east-1.rds.amazonaws.com",
    ])
  func names(text: String) {
    let error = #expect(throws: ResourceIDError.self) { try ResourceID(text) }
    let message = error?.description ?? ""
    #expect(message.contains("--query 'DBInstances[0].DbiResourceId'"))
    #expect(message.contains("describe-db-clusters"))
    #expect(message.contains("describe-db-proxies"))
  }

  @Test("the command to find an id names the database that was given")
  func command() {
    let fromEndpoint = #expect(throws: ResourceIDError.self) {
      try ResourceID("MyDB.abc.us-east-1.rds.amazonaws.com")
    }
    #expect(fromEndpoint?.description.contains("--db-instance-identifier mydb ") == true)
    let fromARN = #expect(throws: ResourceIDError.self) {
      try ResourceID("arn:aws:rds:us-east-1:1:db:orders")
    }
    #expect(fromARN?.description.contains("--db-instance-identifier orders ") == true)
    let hostile = #expect(throws: ResourceIDError.self) { try ResourceID("x; rm -rf /") }
    #expect(hostile?.description.contains("--db-instance-identifier NAME ") == true)
  }

  @Test(
    "an id in the wrong case is refused, because IAM compares exactly",
    arguments: [
      "db-12abc34defg5hij6klmnop78qr", "DB-12ABC34DEFG5HIJ6KLMNOP78QR", "cluster-abcdefghijkl01234",
    ])
  func wrongCase(text: String) {
    let error = #expect(throws: ResourceIDError.self) { try ResourceID(text) }
    #expect(error?.description.contains("wrong case") == true)
  }
}
