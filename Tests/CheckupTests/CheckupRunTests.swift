import AccessModel
import FoundationEssentials
import Signing
import Synchronization
import Targets
import Testing

@testable import Checkup

@Suite("A run")
struct CheckupRunTests {
  /// Writes down what it hears.
  private final class Recorder: CheckObserver {
    private let events = Mutex<[String]>([])
    var heard: [String] { events.withLock { $0 } }

    func receive(_ event: CheckEvent) async {
      events.withLock {
        switch event {
        case .started(let id, _, _): $0.append("start \(id)")
        case .finished(let result): $0.append("end \(result.id)")
        }
      }
    }
  }

  private static let endpoint = "shop.abc123.eu-west-1.rds.amazonaws.com"
  private static let date = Date(timeIntervalSince1970: 1_795_000_000)

  private static func request(
    _ parameters: [String: String] = [:], _ change: (inout CheckupRequest) -> Void = { _ in }
  ) -> CheckupRequest {
    var settings = ConnectionSettings()
    let base = ["host": endpoint, "port": "5432", "user": "app", "dbname": "shop"]
    for (keyword, value) in base.merging(parameters, uniquingKeysWith: { $1 }) {
      settings.add(keyword, value, .flag(keyword))
    }
    settings.add("sslmode", "prefer", .builtIn)
    let keys = [
      "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE1234", "AWS_SECRET_ACCESS_KEY": "xyzzy", "HOME": "/nonexistent",
    ]
    var request = CheckupRequest(settings: settings, environment: Environment(keys), date: date)
    request.offline = true
    change(&request)
    return request
  }

  /// A token with a wrong region, which is an error, and capitals in its host, which is a warning.
  private static func imperfectToken() throws -> Secret {
    let token = RDSToken.sign(
      host: endpoint.uppercased(), port: 5432, user: "app", region: try Region("us-east-1"),
      credentials: AWSCredentials(accessKeyID: "AKIAEXAMPLE1234", secretAccessKey: Secret("xyzzy")),
      date: date)
    return token.token
  }

  @Test("offline nothing goes over the network, and all is well")
  func offline() async {
    let report = await Checkup(Self.request(["sslmode": "verify-full"])).run()
    #expect(report.verdict == .pass)
    #expect(report.findings == [])
    let ran = report.checks.filter { $0.status == .pass }.map(\.id)
    #expect(
      Set(ran).isSuperset(of: ["config-target", "config-tls", "config-options", "cred-chain", "token-facts"]))
    #expect(report.checks.first { $0.id == "dns-resolve" }?.message == "--offline")
  }

  @Test("offline is the only reason that is given for what it leaves out")
  func offlineReasons() async {
    let report = await Checkup(Self.request()).run()
    let named = report.checks.filter { $0.message == "--offline" && !$0.missing.isEmpty }.map(\.id)
    #expect(named == [])
  }

  @Test("results stand in the registry's order, each check once")
  func order() async {
    let report = await Checkup(Self.request()).run()
    #expect(report.checks.map(\.id) == CheckRegistry.all.map(\.id))
  }

  @Test("checks that do not need each other are under way at the same time")
  func sideBySide() async throws {
    let recorder = Recorder()
    _ = await Checkup(Self.request(), observers: [recorder]).run()
    let heard = recorder.heard
    let together = ["config-tls", "config-password", "cred-chain"]
    let lastStart = try #require(together.compactMap { heard.firstIndex(of: "start \($0)") }.max())
    let firstEnd = try #require(together.compactMap { heard.firstIndex(of: "end \($0)") }.min())
    #expect(together.allSatisfy { heard.contains("start \($0)") })
    #expect(lastStart < firstEnd)
    #expect(heard.firstIndex(of: "end config-target").map { $0 < lastStart } == true)
  }

  @Test("what needs a failed check is skipped and says which, and the rest runs")
  func blocked() async {
    let report = await Checkup(Self.request(["port": "0"])).run()
    #expect(report.verdict == .fail)
    let result = report.checks.first { $0.id == "config-tls" }
    #expect(result?.status == .skip)
    #expect(result?.missing == ["config-target"])
    #expect(result?.message == "needs config-target")
    #expect(report.checks.filter { $0.status == .pass }.isEmpty)
  }

  @Test("a refused port makes what needs it skip, and credentials are looked at all the same")
  func refusedPort() async {
    let report = await Checkup(
      Self.request(["hostaddr": "127.0.0.1", "port": "1"]) {
        $0.offline = false
        $0.nameServers = []
        $0.timeout = .seconds(60)
      }
    ).run()
    #expect(report.rootCause?.id == "tcp-refused")
    let status = Dictionary(uniqueKeysWithValues: report.checks.map { ($0.id, $0) })
    #expect(status["tls-offered"]?.missing == ["tcp-connect"])
    #expect(status["login-token"]?.status == .skip)
    #expect(status["cred-chain"]?.status == .pass)
    #expect(status["token-facts"]?.status == .pass)
  }

  @Test("the token's check alone knows the region that the endpoint's name tells")
  func tokenAlone() async {
    let report = await Checkup(Self.request { $0.only = ["token-facts"] }).run()
    #expect(report.verdict == .pass)
    #expect(report.target.region == "eu-west-1")
  }

  @Test(
    "a region that contradicts the endpoint's is named with who said it",
    arguments: [("AWS_REGION", "  unset AWS_REGION"), ("--region", "--region eu-west-1")])
  func contradiction(source: String, fix: String) async {
    let report = await Checkup(
      Self.request {
        $0.only = ["token-facts"]
        if source == "--region" {
          $0.region = "us-east-1"
        } else {
          $0.environment = Environment(
            ["AWS_ACCESS_KEY_ID": "AKIAEXAMPLE1234", "AWS_SECRET_ACCESS_KEY": "xyzzy", source: "us-east-1"])
        }
      }
    ).run()
    #expect(report.rootCause?.id == "tok-wrong-region")
    #expect(report.rootCause?.reason.hasPrefix("\(source) says us-east-1") == true)
    #expect(report.rootCause?.fix == fix)
  }

  @Test("a check that has nothing to look at holds nobody up")
  func notApplicable() async throws {
    let token = try Self.imperfectToken()
    let report = await Checkup(Self.request { $0.givenPassword = token }).run()
    let chain = report.checks.first { $0.id == "cred-chain" }
    let facts = report.checks.first { $0.id == "token-facts" }
    #expect(chain?.status == .skip && chain?.missing == [])
    #expect(facts?.status == .fail)
    #expect(facts?.findings.map(\.id) == ["tok-wrong-region", "tok-uppercase-host"])
  }

  @Test("an ignored diagnosis is shown with its reason, and does not count")
  func ignored() async {
    let report = await Checkup(
      Self.request(["sslmode": "verify_full"]) {
        $0.only = ["config"]
        $0.ignored = ["dsn-sslmode-typo": "we like it"]
      }
    ).run()
    #expect(report.verdict == .pass)
    #expect(report.findings == [])
    let result = report.checks.first { $0.id == "config-tls" }
    #expect(result?.status == .fail)
    #expect(result?.ignored == "we like it")
    #expect(result?.findings.map(\.id) == ["dsn-sslmode-typo"])
  }

  @Test("an ignored check is shown, and does not count")
  func ignoredCheck() async {
    let report = await Checkup(
      Self.request(["sslmode": "verify_full"]) {
        $0.only = ["config"]
        $0.ignored = ["config-tls": ""]
      }
    ).run()
    #expect(report.verdict == .pass)
    #expect(report.checks.first { $0.id == "config-tls" }?.ignored == "")
  }

  @Test("when an error is ignored, the warning beside it makes the verdict")
  func ignoredBesideWarning() async throws {
    let token = try Self.imperfectToken()
    let report = await Checkup(
      Self.request {
        $0.givenPassword = token
        $0.ignored = ["tok-wrong-region": "known"]
      }
    ).run()
    #expect(report.findings.map(\.id) == ["tok-uppercase-host"])
    #expect(report.verdict == .warn)
  }

  @Test("a warning alone is a warning")
  func warning() async throws {
    let host = Self.endpoint.uppercased()
    let token = RDSToken.sign(
      host: host, port: 5432, user: "app", region: try Region("eu-west-1"),
      credentials: AWSCredentials(accessKeyID: "AKIAEXAMPLE1234", secretAccessKey: Secret("xyzzy")),
      date: Self.date)
    let report = await Checkup(Self.request { $0.givenPassword = token.token }).run()
    #expect(report.findings.map(\.id) == ["tok-uppercase-host"])
    #expect(report.verdict == .warn)
  }

  @Test("what could not be found out makes the run incomplete")
  func incomplete() async {
    let report = await Checkup(
      Self.request {
        $0.only = ["token-facts"]
        $0.skip = ["cred-chain"]
      }
    ).run()
    #expect(report.checks.first { $0.id == "token-facts" }?.status == .skip)
    #expect(report.verdict == .incomplete)
  }

  @Test("the titles and cures are those of the pages where a rule has none of its own")
  func titles() async {
    let report = await Checkup(Self.request(["sslmode": "verify_full"])).run()
    #expect(report.rootCause?.title.isEmpty == false)
    #expect(report.rootCause?.title != "dsn-sslmode-typo")
    #expect(report.rootCause?.fix == "sslmode=verify-full")
  }
}
