import Foundation
import Testing

/// What a renderer made when somebody last looked at it. `UPDATE_GOLDEN=1 swift test --filter Golden` writes it anew.
enum GoldenFile {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

  /// Compares `text` with the file `name`, or writes it there.
  static func expect(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws
  {
    let file = folder.appending(path: name)
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
      return
    }
    let expected = try String(decoding: Data(contentsOf: file), as: UTF8.self)
    guard text != expected else { return }
    let (is_, was) = (text.split(separator: "\n"), expected.split(separator: "\n"))
    let first =
      zip(is_, was).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(is_.count, was.count)
    Issue.record(
      """
      \(name) differs from what is rendered, first in line \(first + 1):
      was: \(first < was.count ? String(was[first]) : "the end")
      is:  \(first < is_.count ? String(is_[first]) : "the end")
      """, sourceLocation: sourceLocation)
  }
}
