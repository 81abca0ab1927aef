internal import Postgres

extension OwnedCatalog {
  /// A checksum of what an object does with its owner's privileges: a SECURITY DEFINER function's row without names, owner and
  /// privileges, or the rules of a view or table. NULL where it does nothing like that.
  var definition: String {
    switch self {
    case .routine:
      let row = "(to_jsonb(o) - '{proname,pronamespace,proowner,proacl}'::text[])::text"
      return "CASE WHEN o.prosecdef THEN \(Self.checksum(row)) END"
    case .relation:
      let rules =
        "SELECT string_agg(w::text, ' ' ORDER BY w.rulename) FROM pg_rewrite w WHERE w.ev_class = o.oid"
      return "CASE WHEN o.relhasrules THEN \(Self.checksum("(\(rules))")) END"
    default: return "NULL"
    }
  }

  private static func checksum(_ text: String) -> String {
    "encode(sha256(convert_to(\(text), getdatabaseencoding())), 'hex')"
  }

  /// `oid, checksum` of those of these objects that act with their owner's privileges.
  func definitions(of oids: [UInt32]) -> String {
    "SELECT o.oid, \(definition) FROM \(table) o WHERE o.oid = ANY('\(oidArrayLiteral(oids.sorted()))'::oid[])"
  }
}
