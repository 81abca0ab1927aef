internal import AccessModel
internal import Diagnoses
internal import FoundationEssentials
internal import Reporting
internal import Signing

/// A token's facts and faults, for people and for programs.
struct TokenInspectReport {
  let inspection: TokenInspection
  let length: Int
  let hadLineBreak: Bool
  let date: Date

  /// Whether nothing speaks against logging in with it.
  var isFine: Bool { inspection.isToken && inspection.faults.allSatisfy { $0.severity == .warning } }

  func text(_ style: OutputStyle) -> String {
    var text = ""
    if let reading = inspection.reading {
      text += "A token for \(reading.service == .dsql ? "Aurora DSQL" : "RDS")\n"
      for (name, value) in facts(reading) {
        text += "  \(name)\(String(repeating: " ", count: 13 - name.count))\(value.escapedForDisplay)\n"
      }
    } else if inspection.faults.isEmpty {
      text +=
        style.wrap(
          """
          This is no token: \(length) bytes without a token's parameters. It may be a password, which the database \
          refuses for members of rds_iam. More: dbauth-admin explain auth-pam-gets-password
          """, indent: "") + "\n"
    }
    for fault in inspection.faults {
      text +=
        "\n\(mark(fault, style)) \(fault.slug.rawValue)  \(style.wrap(fault.reason.escapedForDisplay, indent: "  "))\n"
      text += "  fix:  \(style.wrap(fault.fix.escapedForDisplay, indent: "        "))\n"
      text += "  more: dbauth-admin explain \(fault.slug.rawValue)\n"
    }
    if hadLineBreak {
      text +=
        "\n"
        + style.wrap(
          """
          note: a line break ended the input and was left out, as $(…) does. A program that reads the token from a file \
          as it is sends the break, too, and is refused: dbauth-admin explain dsn-token-newline
          """, indent: "  ") + "\n"
    }
    if isFine, inspection.faults.isEmpty { text += "\nNothing is wrong with it by itself.\n" }
    return text
  }

  private func mark(_ fault: TokenFault, _ style: OutputStyle) -> String {
    switch fault.severity {
    case .error: style.unicode ? "✗" : "x"
    case .warning: "!"
    }
  }

  private func facts(_ reading: TokenReading) -> [(String, String)] {
    var facts = [("host", reading.host)]
    if let port = reading.portText { facts.append(("port", port)) }
    if let user = reading.user { facts.append(("user", user)) }
    if reading.service == .dsql, let action = reading.action { facts.append(("action", action)) }
    if let scope = reading.scope { facts.append(("signed for", "\(scope.service) in \(scope.region)")) }
    if let suffix = reading.accessKeyIDSuffix {
      let kind =
        switch reading.keyKind {
        case .longTerm: ", a long-term key"
        case .temporary: ", a temporary key"
        case .unknown, nil: ""
        }
      facts.append(
        ("key", "…\(suffix)\(kind)\(reading.hasSessionToken ? ", with a session token" : "")"))
    }
    if let signedAt = reading.signedAt {
      let age = Int(date.timeIntervalSince(signedAt))
      facts.append(
        (
          "signed at",
          "\(UTCTime(signedAt).iso8601), \(age < 0 ? "in \(-age)" : "\(age)") s\(age < 0 ? "" : " ago")"
        ))
    }
    if let expiresAt = reading.expiresAt { facts.append(("good until", UTCTime(expiresAt).iso8601)) }
    facts.append(("length", "\(reading.length) bytes"))
    return facts
  }

  func json() throws -> String { try JSONText.render(Document(self)) }

  private struct Document: Encodable {
    var schemaVersion = 1
    let isToken: Bool
    let service, host, action, user, keySuffix, keyKind, region, signingService, signedAt, expiresAt: String?
    let port, ageSeconds: Int?
    let hasSessionToken: Bool?
    let length: Int
    let faults: [Fault]

    init(_ report: TokenInspectReport) {
      let reading = report.inspection.reading
      isToken = reading != nil
      service = reading?.service.rawValue
      (host, action, user, port) = (reading?.host, reading?.action, reading?.user, reading?.port)
      (keySuffix, keyKind) = (reading?.accessKeyIDSuffix, reading?.keyKind?.rawValue)
      (region, signingService) = (reading?.scope?.region, reading?.scope?.service)
      signedAt = reading?.signedAt.map { UTCTime($0).iso8601 }
      expiresAt = reading?.expiresAt.map { UTCTime($0).iso8601 }
      ageSeconds = reading?.signedAt.map { Int(report.date.timeIntervalSince($0)) }
      hasSessionToken = reading?.hasSessionToken
      length = report.length
      faults = report.inspection.faults.map {
        Fault(id: $0.slug.rawValue, severity: $0.severity.rawValue, reason: $0.reason, fix: $0.fix)
      }
    }
  }

  private struct Fault: Encodable {
    let id, severity, reason, fix: String
  }
}
