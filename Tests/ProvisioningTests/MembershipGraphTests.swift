import Provisioning
import Testing

@Suite("Membership graph")
struct MembershipGraphTests {
  let graph = MembershipGraph(edges: [
    (role: "rds_iam", member: "iamuser"), (role: "iamuser", member: "team"),
    (role: "team", member: "postgres"), (role: "other", member: "postgres"),
  ])

  @Test("the shortest chain from a login to rds_iam is found")
  func path() {
    #expect(graph.path(from: "postgres", to: "rds_iam") == ["postgres", "team", "iamuser", "rds_iam"])
  }

  @Test("a role without a chain has no path")
  func noPath() {
    #expect(graph.path(from: "nobody", to: "rds_iam") == nil)
    #expect(!graph.isMember("rds_iam", of: "iamuser"))
  }

  @Test("members are direct and indirect ones")
  func members() {
    #expect(graph.allMembers(of: "rds_iam") == ["iamuser", "team", "postgres"])
  }

  @Test("of two chains the shorter one is shown")
  func shortest() {
    var graph = graph
    graph.add("postgres", to: "rds_iam")
    #expect(graph.path(from: "postgres", to: "rds_iam") == ["postgres", "rds_iam"])
  }
}
