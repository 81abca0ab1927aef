import FoundationEssentials
import Glibc
import Testing

/// A folder that goes with the test.
struct TemporaryFolder {
  let path: String

  static func use(_ body: (TemporaryFolder) throws -> Void) throws {
    var template = Array("/tmp/dbauth-files-XXXXXX".utf8CString)
    let made = try #require(mkdtemp(&template))
    let folder = TemporaryFolder(path: String(cString: made))
    defer { try? FileManager.default.removeItem(atPath: folder.path) }
    try body(folder)
  }

  /// Writes a file and returns its path.
  func write(_ text: String, to name: String) throws -> String { try write(Array(text.utf8), to: name) }

  func write(_ bytes: [UInt8], to name: String) throws -> String {
    let path = self.path + "/" + name
    let file = try #require(fopen(path, "w"))
    defer { fclose(file) }
    #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    return path
  }
}
