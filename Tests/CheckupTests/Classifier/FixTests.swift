import AccessModel
import DNS
import FoundationEssentials
import Postgres
import TLS
import Targets
import Testing

@testable import Checkup

@Suite("What findings tell to type")
struct FixTests {
  private static let hostile = #"x" SUPERUSER; --' $(touch /tmp/y)"#

  @Test("a name in a statement stays one name, whatever is in it")
  func identifiers() {
    #expect(SQLText.identifier("app") == #""app""#)
    #expect(SQLText.identifier(#"x" SUPERUSER; --"#) == #""x"" SUPERUSER; --""#)
    #expect(SQLText.identifier("a\\\nb") == #"U&"a\\\+00000Ab""#)
    #expect(SQLText.literal("o'hara") == "'o''hara'")
  }

  @Test("a value in a command stays one word, whatever is in it")
  func words() {
    #expect(ShellText.word("db.example.com:5432") == "db.example.com:5432")
    #expect(ShellText.word("") == "''")
    #expect(ShellText.word("x'; touch y") == #"'x'\''; touch y'"#)
    #expect(ShellText.word("a\nb'") == #""$(printf 'a\012b\047')""#)
  }

  @Test("no fix lets a user's or database's name out of its quotation marks", arguments: ClassifierRow.all)
  func hostileNames(_ row: ClassifierRow) {
    var evidence = row.evidence
    evidence.target.user = Self.hostile
    evidence.target.database = Self.hostile
    if evidence.administration?.role != nil { evidence.administration?.role?.name = Self.hostile }
    if evidence.administration?.similar.isEmpty == false { evidence.administration?.similar = [Self.hostile] }
    for finding in evidence.ranked {
      let rest = (finding.fix ?? "").replacing(SQLText.identifier(Self.hostile), with: "")
        .replacing(SQLText.literal(Self.hostile), with: "").replacing(ShellText.word(Self.hostile), with: "")
      #expect(!rest.contains("SUPERUSER"), "\(finding.id): \(rest)")
    }
  }

  @Test("a certificate's name that is no host does not get into a command")
  func hostileCertificate() {
    let row = ClassifierRow.certificateNames.first { $0.id == "tls-tunnel-localhost" }
    var evidence = row?.evidence ?? .healthy
    evidence.handshakes = [.sample("127.0.0.1", [.sample(names: ["x';touch${IFS}y;'"]), .authority])]
    let fix = evidence.ranked.first { $0.id == "tls-tunnel-localhost" }?.fix
    #expect(fix == "-d 'host=<endpoint> hostaddr=127.0.0.1 port=5432'")
  }

  @Test("what is only possible changes nothing when it is tried", arguments: ClassifierRow.all)
  func possible(_ row: ClassifierRow) {
    for finding in row.evidence.ranked where finding.confidence == .possible {
      let fix = finding.fix ?? ""
      #expect(!fix.isEmpty, "\(finding.id) would take its page's fix")
      for verb in ["CREATE ", "ALTER ", "GRANT ", "REVOKE ", "DROP "] {
        #expect(!fix.contains(verb), "\(finding.id): \(fix)")
      }
    }
  }

  @Test("a grant of rds_iam says what becomes of the password")
  func grant() {
    let fix = Self.fixOfRoute { _ in }
    #expect(fix?.hasPrefix(#"GRANT rds_iam TO "app";"#) == true)
    #expect(fix?.contains("its password stops working") == true)
  }

  @Test(
    "nobody who administers a server is told to grant themselves rds_iam", arguments: ["postgres", "admin"])
  func master(_ user: String) {
    let guessed = Self.fixOfRoute { $0.target.user = user }
    let known = Self.fixOfRoute {
      $0.administration = .sample()
      $0.administration?.role?.isAdministrator = true
    }
    for fix in [guessed, known] {
      #expect(fix?.contains("GRANT") == false)
      #expect(fix?.contains("--password-from-env") == true)
    }
  }

  @Test("a plan of setup is for the port that was dialled")
  func planPort() {
    let evidence = Evidence.but {
      $0.target.port = 6_000
      $0.role?.unreadable = 12
    }
    #expect(evidence.ranked.first?.fix?.contains("-h \(Evidence.endpointName) -p 6000 -U") == true)
  }

  @Test("a password's user is not told to log in by token")
  func passwordGrants() {
    let evidence = Evidence.but {
      $0.givePassword()
      $0.encryptedAnswer = .scram
      $0.role?.unreadable = 12
    }
    let fix = evidence.ranked.first { $0.id == "obj-privileges" }?.fix
    #expect(fix?.contains(#"GRANT USAGE ON SCHEMA <schema> TO "app";"#) == true)
    #expect(fix?.contains("--iam-user") == false)
  }

  @Test("a wrong password is looked for in the password first")
  func wrongPassword() {
    let evidence = Evidence.refused("28P01", #"FATAL:  password authentication failed for user "app""#) {
      $0.givePassword()
      $0.login?.credential = .password
      $0.encryptedAnswer = .scram
    }
    let first = evidence.ranked.first
    #expect(first?.reason.hasPrefix("the password is wrong") == true)
    #expect(first?.fix?.hasPrefix("check the password") == true)
    #expect(first?.fix?.contains("ROLE") == false)
  }

  @Test("RDS's bundle is offered for RDS's roots only")
  func endingRoot() {
    func fix(_ name: String) -> String? {
      Evidence.but { $0.trust?.root = .authority(issuer: name, subject: name, ends: 30) }.ranked
        .first { $0.id == "tls-stale-bundle" }?.fix
    }
    #expect(fix(Certificate.root.subject)?.contains("global-bundle.pem") == true)
    #expect(fix("CN=Acme Root,O=Acme")?.contains("whoever runs the authority") == true)
  }

  @Test("a name server that is silent is looked for, not the name")
  func nameServer() {
    let evidence = Evidence.through(.dns) {
      $0.names = .init(question: Evidence.endpointName, status: .timedOut)
    }
    #expect(evidence.ranked.first?.fix?.contains("--dns-server") == true)
  }

  @Test("who takes a connection and is silent is named, not the security group")
  func silent() {
    let evidence = Evidence.through(.tls) { $0.handshakes = [.answering(.silent)] }
    let fix = evidence.ranked.first { $0.id == "tcp-timeout" }?.fix
    #expect(fix?.contains("tunnel at 10.0.1.17:5432") == true)
  }

  @Test("a date of VALID UNTIL is not taken away, but moved to where it holds")
  func validUntil() {
    let evidence = Evidence.but { $0.role?.validUntil = Evidence.date + 86_400 }
    let fix = evidence.ranked.first { $0.id == "role-valid-until" }?.fix
    #expect(fix?.hasPrefix("-- at ") == true)
    #expect(fix?.contains("infinity") == false)
    #expect(fix?.contains(#"ALTER ROLE "app" NOLOGIN"#) == true)
  }

  private static func fixOfRoute(_ change: (inout Evidence) -> Void) -> String? {
    Evidence.through(.route) {
      $0.encryptedAnswer = .scram
      change(&$0)
    }.ranked.first { $0.id == "auth-not-in-rds-iam" }?.fix
  }
}
