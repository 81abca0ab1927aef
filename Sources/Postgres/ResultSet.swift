internal import CLibPQ
internal import Glibc

/// The rows of one statement.
///
/// Values are in text format; a column is addressed by its position. What is not there reads as NULL.
public struct ResultSet: Sendable {
  /// Rows that are stored together; memory does not double while they are read.
  private struct Chunk: Sendable {
    var firstRow: Int
    var bytes: [UInt8] = []
    /// Where each value ends in `bytes`; NULL is the end before it with its bits turned over.
    var ends: [Int32] = []
  }

  private var chunks: [Chunk] = []
  public private(set) var count = 0
  private(set) var columns = 0

  /// Bytes after which a new chunk begins.
  private static let chunkSize = 1 << 18
  /// What is made of a row takes memory and time, too, however little is in it.
  private static let rowCost = 64
  /// No number that a server says, nor a sum of as many as fit in an answer, is beyond what integers can hold.
  private static let largestNumber = 1 << 40

  init() {}

  /// Stores a result's rows.
  ///
  /// - Returns: bytes that this took, and bytes that the rows had on the wire.
  mutating func append(_ result: OpaquePointer) -> (stored: Int, wire: Int) {
    var (stored, wire) = (0, 0)
    let width = PQnfields(result)
    columns = Int(width)
    guard PQntuples(result) > 0 else { return (0, 0) }
    var chunk = chunks.popLast() ?? Chunk(firstRow: count)
    for row in 0..<PQntuples(result) {
      if chunk.bytes.count + chunk.ends.count * 4 >= Self.chunkSize {
        chunks.append(chunk)
        chunk = Chunk(firstRow: count)
      }
      // The head of a DataRow and its number of columns.
      wire += 7
      var end = Int32(clamping: chunk.bytes.count)
      for column in 0..<width {
        guard PQgetisnull(result, row, column) == 0, let value = PQgetvalue(result, row, column) else {
          chunk.ends.append(~end)
          continue
        }
        let length = Int(PQgetlength(result, row, column))
        stored += length
        wire += length
        // As a C string: no value of PostgreSQL's has a zero byte.
        let bytes = UnsafeRawBufferPointer(start: value, count: strnlen(value, length))
        chunk.bytes.append(contentsOf: bytes)
        end += Int32(clamping: bytes.count)
        chunk.ends.append(end)
      }
      stored += Self.rowCost + 4 * columns
      wire += 4 * columns
      count += 1
    }
    chunks.append(chunk)
    return (stored, wire)
  }

  /// The value, or nil for SQL NULL.
  public subscript(row: Int, column: Int) -> String? {
    guard 0..<count ~= row, 0..<columns ~= column else { return nil }
    var (low, high) = (0, chunks.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if chunks[middle].firstRow <= row { low = middle } else { high = middle }
    }
    let chunk = chunks[low]
    let index = (row - chunk.firstRow) * columns + column
    guard index < chunk.ends.count, chunk.ends[index] >= 0 else { return nil }
    let before = index > 0 ? chunk.ends[index - 1] : 0
    let start = Int(before < 0 ? ~before : before)
    return String(decoding: chunk.bytes[start..<Int(chunk.ends[index])], as: UTF8.self)
  }

  /// The value of a column that is never NULL; NULL reads as the empty string.
  public func text(_ row: Int, _ column: Int) -> String { self[row, column] ?? "" }

  /// A boolean column; NULL reads as false.
  public func flag(_ row: Int, _ column: Int) -> Bool { self[row, column] == "t" }

  /// An integer column, within bounds in which there is nothing to overflow; NULL reads as 0.
  public func integer(_ row: Int, _ column: Int) -> Int {
    let number = self[row, column].flatMap { Int($0) } ?? 0
    return min(max(number, -Self.largestNumber), Self.largestNumber)
  }

  /// Every row, mapped.
  public func map<T>(_ transform: (_ row: Int) throws -> T) rethrows -> [T] {
    try (0..<count).map(transform)
  }
}
