import AccessModel
import FoundationEssentials

/// A folder of its own with files, gone at the end.
struct TemporaryFiles: ~Copyable {
  let path: String

  init(_ files: KeyValuePairs<String, String> = [:]) throws {
    path = FileManager.default.temporaryDirectory.path() + "/targets-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for (name, text) in files { try write(text, to: name) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file that only its owner may read, unless other permissions are given.
  func write(_ text: String, to name: String, permissions: Int = 0o600) throws {
    try write(bytes: Array(text.utf8), to: name, permissions: permissions)
  }

  func write(bytes: [UInt8], to name: String, permissions: Int = 0o600) throws {
    try Data(bytes).write(to: URL(filePath: "\(path)/\(name)"))
    try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: "\(path)/\(name)")
  }

  /// An environment whose home is this folder and whose system folder is empty.
  func environment(_ variables: [String: String] = [:]) -> Environment {
    Environment(["HOME": path, "PGSYSCONFDIR": "\(path)/nothing"].merging(variables) { $1 })
  }
}
