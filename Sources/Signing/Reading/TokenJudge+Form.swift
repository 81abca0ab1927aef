internal import AccessModel

/// Whether the text is a token as signers write it.
extension TokenJudge {
  var form: [TokenFault] {
    var faults: [TokenFault] = []
    if let fault = completeness { faults.append(fault) }
    if let scheme = reading.scheme {
      faults.append(
        TokenFault(
          .schemePrefix, "the token begins with \(quoted(scheme)), and it has to begin with the host",
          fix:
            "take “\(scheme.escapedForDisplay)” off, from the host before signing and from the signed URL after it"
        ))
    }
    if let reason = mistakes.first {
      faults.append(
        TokenFault(.malformed, mistakes.dropFirst().reduce(reason) { "\($0); \($1)" }, fix: command()))
    }
    return faults
  }

  /// Whether something was cut off its end, or its signature taken out.
  private var completeness: TokenFault? {
    let cut: String
    switch reading.signature {
    case .complete, .malformed: return nil
    case .masked: return TokenInspection.masked("the token's signature has been replaced by a mask")
    case .missing: cut = "the token has no signature, which is its last part"
    case .short(let digits):
      cut = "the token's signature has \(digits) of its \(TokenReading.Signature.digits) digits"
    }
    let limit = Self.knownLimits.first { $0.bytes == reading.length }
    let reason = limit.map { ", just what \($0.where) keeps" } ?? ""
    return TokenFault(
      .truncated, "\(cut): it was cut after \(reading.length) bytes\(reason)",
      fix:
        "find the client, pooler, variable or field that keeps \(reading.length) bytes, and give the token another way"
    )
  }

  /// Where passwords are known to be cut, in bytes.
  private static let knownLimits: [(bytes: Int, where: String)] = [
    (99, "psql's prompt before 14"), (100, "psql's prompt before 14"), (127, "a field of 128 bytes"),
    (255, "a field of 256 bytes (pgagroal, old phpMyAdmin)"), (256, "a field of 256 characters"),
    (511, "pam_exec"), (512, "pam_exec"), (1_023, "a field of 1,024 bytes"),
    (1_024, "a field of 1,024 characters"),
    (2_047, "pgbouncer"), (2_048, "pgbouncer"), (4_095, "a field of 4,096 bytes"),
  ]

  /// What no signer writes, each as a clause.
  private var mistakes: [String] {
    var mistakes: [String] = []
    if reading.signature == .malformed {
      mistakes.append("the signature is not \(TokenReading.Signature.digits) lower-case hexadecimal digits")
    }
    if reading.host.isEmpty { mistakes.append("there is no host before “/?”") }
    if reading.hasForeignPath, !reading.host.isEmpty {
      mistakes.append(
        "between host and parameters there is something else than “/?”, or a fragment at the end")
    }
    if let text = reading.portText, reading.port == nil { mistakes.append("\(quoted(text)) is not a port") }
    // Without a signature the rest is missing for the same reason.
    let missing = reading.signature == .missing ? [] : reading.missing
    if !missing.isEmpty { mistakes.append("\(missing.joined(separator: ", ")) missing") }
    if !reading.duplicates.isEmpty {
      mistakes.append("\(reading.duplicates.joined(separator: ", ").escapedForDisplay) there more than once")
    }
    if !reading.foreign.isEmpty {
      let names = reading.foreign.prefix(3).map { String($0.prefix(40)) }.joined(separator: ", ")
      mistakes.append("\(names.escapedForDisplay): no parameter of a token")
    }
    if let action = reading.action, action != "connect", reading.service == .rds {
      mistakes.append("the action is \(quoted(action)) instead of “connect”")
    }
    if let algorithm = reading.algorithm, algorithm != "AWS4-HMAC-SHA256", reading.signature != .missing {
      mistakes.append("the algorithm is \(quoted(algorithm)) instead of “AWS4-HMAC-SHA256”")
    }
    if let headers = reading.signedHeaders, headers != "host", reading.signature != .missing {
      mistakes.append("the signed headers are \(quoted(headers)) instead of “host”")
    }
    return mistakes + scopeMistakes
  }

  private var scopeMistakes: [String] {
    guard reading.signature != .missing, !reading.missing.contains("X-Amz-Credential") else { return [] }
    guard let scope = reading.scope else {
      return ["the credential is not KEY/DATE/REGION/SERVICE/aws4_request"]
    }
    var mistakes: [String] = []
    if scope.terminator != "aws4_request" {
      mistakes.append("the credential ends with \(quoted(scope.terminator)) instead of “aws4_request”")
    }
    if reading.signedAt == nil, !reading.missing.contains("X-Amz-Date") {
      mistakes.append("X-Amz-Date is not a time such as 20240102T030405Z")
    } else if let signedAt = reading.signedAt, UTCTime(signedAt).basicDate != scope.date {
      mistakes.append(
        "the credential is of the day \(quoted(scope.date)) and X-Amz-Date of \(UTCTime(signedAt).basicDate)")
    }
    if reading.lifetime == nil, !reading.missing.contains("X-Amz-Expires") {
      mistakes.append("X-Amz-Expires is not a number of seconds")
    }
    return mistakes
  }

  /// White space, quotation marks, and encoding once too often.
  var encoding: [TokenFault] {
    var faults: [TokenFault] = []
    // Other text after a token is no stray white space: what follows makes it malformed.
    let isFollowed = reading.blemishes == [.spaceWithin] && !mistakes.isEmpty
    if !reading.blemishes.isEmpty, !isFollowed {
      let found = TokenReading.Blemish.allCases.filter(reading.blemishes.contains).map(\.rawValue)
      faults.append(
        TokenFault(
          .lineBreak, "the token has \(found.joined(separator: " and ")), and every byte of it is sent",
          fix: "strip it where it is read: PGPASSWORD=\"$(tr -d '\\r\\n' < FILE)\", text.strip()"))
    }
    if reading.doublyEncoded == ["token"] {
      faults.append(
        TokenFault(
          .doubleEncoded, "the whole token is percent-encoded, as it has to be inside a URI and nowhere else",
          fix: "decode it once, or encode it only where it is put into a postgresql:// URI"))
    } else if !reading.doublyEncoded.isEmpty {
      let names = reading.doublyEncoded.joined(separator: ", ").escapedForDisplay
      faults.append(
        TokenFault(
          .doubleEncoded, "\(names) was percent-encoded twice (“%25”)",
          fix: "encode once: hand the signer plain values, and do not encode a finished token again"))
    }
    return faults
  }

  var size: [TokenFault] {
    if reading.length > Self.longestMessage {
      return [
        TokenFault(
          .over64K,
          "the token has \(reading.length) bytes, and PostgreSQL closes connections over a password message of more "
            + "than \(Self.longestMessage)",
          fix: "shorten the session: fewer session tags, no or a smaller session policy")
      ]
    }
    guard reading.length > Self.comfortable else { return [] }
    return [
      TokenFault(
        .sizeGrowth,
        "the token has \(reading.length) bytes, more than the \(Self.comfortable) that pgbouncer and many clients take",
        fix: "raise the limits of what lies between, or make session tags and policies smaller")
    ]
  }

  /// PostgreSQL's limit for an authentication message (PG_MAX_AUTH_TOKEN_LENGTH), less its length word and final zero.
  private static let longestMessage = 65_535 - 5
  /// pgbouncer's MAX_PASSWORD, less its final zero.
  private static let comfortable = 2_047
}
