import AccessModel
import FoundationEssentials
import Targets
import Testing

@testable import Checkup

@Suite("The checks that a run is about")
struct CheckSelectionTests {
  /// A check that finds nothing.
  struct Quiet: Check {
    let id: String
    let stage: Stage
    let requires: [String]
    let claim = "nothing is wrong"

    func run(_ run: CheckupRun) async -> Outcome { .pass("fine") }
  }

  private static let checks: [any Check] = [
    Quiet(id: "one", stage: .config, requires: []), Quiet(id: "two", stage: .dns, requires: ["one"]),
    Quiet(id: "three", stage: .tcp, requires: ["two"]),
    Quiet(id: "four", stage: .credentials, requires: ["one"]),
    Quiet(id: "five", stage: .token, requires: ["four"]), Quiet(id: "six", stage: .route, requires: ["one"]),
  ]

  private static func selection(_ change: (inout CheckupRequest) -> Void) -> CheckSelection {
    var request = CheckupRequest(
      settings: ConnectionSettings(), environment: Environment([:]), date: Date(timeIntervalSince1970: 0))
    change(&request)
    return CheckSelection(request, checks)
  }

  private static func chosen(_ selection: CheckSelection) -> [String] {
    checks.map(\.id).filter(selection.contains)
  }

  @Test("without --only it is all of them")
  func all() {
    #expect(Self.chosen(Self.selection { _ in }) == ["one", "two", "three", "four", "five", "six"])
  }

  @Test("--only takes what is required along, and nothing else")
  func only() {
    #expect(Self.chosen(Self.selection { $0.only = ["three"] }) == ["one", "two", "three"])
    #expect(Self.chosen(Self.selection { $0.only = ["one"] }) == ["one"])
  }

  @Test("--only takes stages")
  func stages() {
    #expect(Self.chosen(Self.selection { $0.only = ["token", "dns"] }) == ["one", "two", "four", "five"])
  }

  @Test("--skip keeps a check in the report and says why")
  func skip() {
    let selection = Self.selection { $0.skip = ["two", "route"] }
    #expect(Self.chosen(selection).count == 6)
    #expect(
      Self.checks.map { selection.reasonToSkip($0) } == [
        nil, "--skip two", nil, nil, nil, "--skip route",
      ])
  }

  @Test("--offline leaves what needs no packet")
  func offline() {
    let selection = Self.selection { $0.offline = true }
    let left = Self.checks.filter { selection.reasonToSkip($0) == nil }.map(\.id)
    #expect(left == ["one", "four", "five"])
    #expect(selection.reasonToSkip(Self.checks[1]) == "--offline")
  }
}

@Suite("The registry of checks")
struct CheckRegistryTests {
  @Test("ids are unique, and what is required stands before")
  func order() {
    var seen: Set<String> = []
    for check in CheckRegistry.all {
      for needed in check.requires { #expect(seen.contains(needed), "\(check.id) needs \(needed)") }
      #expect(seen.insert(check.id).inserted, "\(check.id) is there twice")
    }
  }

  @Test("what a check waits for exists, and nobody waits for himself")
  func waiting() {
    let byID = Dictionary(uniqueKeysWithValues: CheckRegistry.all.map { ($0.id, $0) })
    for check in CheckRegistry.all {
      var open = check.requires + check.after
      var seen: Set<String> = []
      while let id = open.popLast() {
        #expect(id != check.id, "\(check.id) waits for itself")
        guard seen.insert(id).inserted, let other = byID[id] else {
          #expect(byID[id] != nil, "\(check.id) waits for \(id), which there is not")
          continue
        }
        open += other.requires + other.after
      }
    }
  }

  @Test("the stages stand in the order of a connection's life, and a claim is a clause")
  func stages() {
    let stages = CheckRegistry.all.map(\.stage)
    #expect(stages == stages.sorted())
    for check in CheckRegistry.all {
      #expect(!check.claim.hasSuffix(".") && check.claim.first?.isUppercase == false, "\(check.claim)")
    }
  }

  @Test("a default run opens at most eight connections")
  func connections() {
    // tls-versions only opens one when the handshake failed, and then nothing after it opens any.
    let onRequest: Set = ["timing-compare", "route-rules", "tls-versions"]
    let perAddress = CheckRegistry.all.filter { !onRequest.contains($0.id) }
    #expect(perAddress.map(\.connections).reduce(0, +) <= 8)
  }
}
