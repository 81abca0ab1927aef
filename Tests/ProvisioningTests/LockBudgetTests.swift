import Testing

@testable import Provisioning

@Suite("Lock budget")
struct LockBudgetTests {
  private func budget(_ locks: Int?, capacity: Int = 6400, held: Int = 0) -> LockBudget {
    var server = ServerFacts()
    server.lockCapacity = capacity
    server.locksHeld = held
    var request = SetupRequest(iamUser: "iamuser")
    request.batchLocks = locks
    return LockBudget(server: server, request: request)
  }

  private func changes(_ locks: [Int]) -> [Change] {
    locks.enumerated().map { Snapshots.move(Snapshots.table("t\($0)", oid: UInt32($0), locks: $1)) }
  }

  @Test("two fifths of what the server has left, not of what it has")
  func share() {
    #expect(budget(nil, capacity: 6400, held: 1400).perBatch == 2000)
  }

  @Test("no batch is dearer than the budget, and nothing is lost or reordered")
  func batches() {
    let all = changes(Array(repeating: 6, count: 1000))
    let budget = budget(500)
    let batches = budget.batches(of: all[...])
    #expect(batches.flatMap { $0.map(\.object) } == all.map(\.object))
    #expect(batches.allSatisfy { $0.reduce(LockBudget.reserve) { $0 + $1.locks } <= 500 })
  }

  @Test(
    "numbers that no server has do not overflow",
    arguments: [(Int.max, Int.min), (.min, .max), (.max, .max), (.min, .min), (.max, -1)])
  func absurd(capacity: Int, held: Int) {
    #expect(budget(nil, capacity: capacity, held: held).perBatch > LockBudget.reserve)
  }

  @Test("an object dearer than the budget gets a batch of its own")
  func dear() {
    let batches = budget(100).batches(of: changes([5, 400, 5])[...])
    #expect(batches.map(\.count) == [1, 1, 1])
  }

  @Test("a grant stays in the transaction of the change of owner it follows")
  func together() {
    let table = Snapshots.table("t", locks: 60)
    let grant = Change(
      step: .ownership, sign: .add, kind: "access", object: "table t", from: "app_owner", to: "app_old",
      action: .grant(privileges: "ALL", on: table, to: Snapshots.identifier("app_old")))
    let batches = budget(100).batches(of: [Snapshots.move(table), grant, Snapshots.move(table), grant][...])
    #expect(batches.map(\.count) == [2, 2])
  }
}
