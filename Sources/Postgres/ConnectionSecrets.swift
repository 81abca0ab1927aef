internal import AccessModel
internal import CLibPQ

/// What a server must not repeat.
extension Redactor {
  /// Hides what a connection logs in with, wherever libpq took it from: parameters, environment, service or password file.
  mutating func hideSecrets(of connection: OpaquePointer) {
    if let password = PQpass(connection) { hide(Secret(String(cString: password))) }
    guard let list = PQconninfo(connection) else { return }
    defer { PQconninfoFree(list) }
    var option = list
    while let keyword = option.pointee.keyword {
      // libpq marks passwords so; the keys of SCRAM it does not.
      let isSecret =
        option.pointee.dispchar.map { String(cString: $0) == "*" } ?? false
        || SecretKeyword.all.contains(String(cString: keyword))
      if isSecret, let value = option.pointee.val { hide(Secret(String(cString: value))) }
      option += 1
    }
  }
}

extension PostgresError {
  /// The error as it may be shown.
  func redacted(by redactor: Redactor) -> PostgresError {
    var error = self
    error.message = redactor.redacted(message)
    error.detail = detail.map(redactor.redacted)
    error.hint = hint.map(redactor.redacted)
    return error
  }
}

extension ConnectionParameters {
  /// Why libpq cannot read a URI or conninfo string among these, or nil. Its own words quote the string.
  var malformation: PostgresError? {
    for (keyword, value) in keywords
    where keyword == "dbname" && (value.contains("=") || value.contains("://")) {
      var words: UnsafeMutablePointer<CChar>?
      if let list = PQconninfoParse(value, &words) {
        PQconninfoFree(list)
      } else {
        defer { PQfreemem(words) }
        let reason = words.map { ConninfoWords.withoutQuotations(String(cString: $0)) } ?? "out of memory"
        return PostgresError(
          phase: .connecting, message: "-d/--dbname is not a connection string that libpq can read: \(reason)"
        )
      }
    }
    return nil
  }
}
