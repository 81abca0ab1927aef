internal import CLibPQ

/// The rows of one statement. It owns libpq's result and frees it with itself.
///
/// Values are in text format; a column is addressed by its position.
public final class ResultSet: @unchecked Sendable {
  // Unchecked: a PGresult is never written to once libpq has handed it over.
  private let result: OpaquePointer

  init(_ result: OpaquePointer) {
    self.result = result
  }

  deinit { PQclear(result) }

  public var count: Int { Int(PQntuples(result)) }

  var columns: Int { Int(PQnfields(result)) }

  /// The value, or nil for SQL NULL.
  public subscript(row: Int, column: Int) -> String? {
    guard PQgetisnull(result, Int32(row), Int32(column)) == 0,
      let bytes = PQgetvalue(result, Int32(row), Int32(column))
    else { return nil }
    return String(cString: bytes)
  }

  /// The value of a column that is never NULL; NULL reads as the empty string.
  public func text(_ row: Int, _ column: Int) -> String { self[row, column] ?? "" }

  /// A boolean column; NULL reads as false.
  public func flag(_ row: Int, _ column: Int) -> Bool { self[row, column] == "t" }

  /// An integer column; NULL reads as 0.
  public func integer(_ row: Int, _ column: Int) -> Int { self[row, column].flatMap { Int($0) } ?? 0 }

  /// Every row, mapped.
  public func map<T>(_ transform: (_ row: Int) throws -> T) rethrows -> [T] {
    try (0..<count).map(transform)
  }
}
