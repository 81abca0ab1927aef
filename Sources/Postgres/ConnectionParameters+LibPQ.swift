internal import AccessModel
internal import CLibPQ
internal import Glibc

extension ConnectionParameters {
  /// Begins to connect.
  ///
  /// - Parameter options: the startup packet's `options`, instead of those that the parameters have.
  func start(_ options: String?) -> OpaquePointer? {
    Self.start(pairs + (options.map { [("options", $0)] } ?? []), expanding: hasConninfo)
  }

  /// What libpq would use, from whichever of conninfo, service file and environment it comes.
  ///
  /// libpq itself says so, of a connection that it refuses to begin: two host names and three addresses.
  func given(_ keyword: String) -> String {
    let refused = Self.start(pairs + [("host", ","), ("hostaddr", ",,")], expanding: hasConninfo)
    defer { PQfinish(refused) }
    guard let list = PQconninfo(refused) else { return "" }
    defer { PQconninfoFree(list) }
    var option = list
    while let name = option.pointee.keyword {
      if String(cString: name) == keyword { return option.pointee.val.map { String(cString: $0) } ?? "" }
      option += 1
    }
    return ""
  }

  /// A database was given that may be a URI or a conninfo string.
  private var hasConninfo: Bool { keywords.contains { $0.keyword == "dbname" } }

  private var pairs: [(keyword: String, value: String)] {
    // libpq expands the first dbname as a URI or conninfo string; what follows it wins, a later dbname literally.
    let given = keywords.filter { $0.keyword == "dbname" }
    var pairs = Self.patience + keywords.filter { $0.keyword != "dbname" } + given
    pairs += overrides
    if let password { pairs.append(("password", password.exposed)) }
    if !pairs.contains(where: { $0.keyword == "client_encoding" }) {
      pairs.append(("client_encoding", "UTF8"))
    }
    return pairs
  }

  /// A peer that has vanished is noticed within about half a minute, unless the operator says otherwise.
  private static let patience: [(keyword: String, value: String)] = [
    ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
    ("tcp_user_timeout", "25000"),
  ]

  private static func start(
    _ pairs: [(keyword: String, value: String)], expanding: Bool
  ) -> OpaquePointer? {
    let keywords = pairs.map { strdup($0.keyword) }
    let values = pairs.map { strdup($0.value) }
    defer { for copy in keywords + values { free(copy) } }
    var keywordPointers = keywords.map { UnsafePointer<CChar>($0) } + [nil]
    var valuePointers = values.map { UnsafePointer<CChar>($0) } + [nil]
    // Only what the operator typed is a conninfo string; a database's own name must never be taken for one.
    return PQconnectStartParams(&keywordPointers, &valuePointers, expanding ? 1 : 0)
  }
}
