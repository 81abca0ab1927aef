public import AccessModel
internal import Files
internal import FoundationEssentials
internal import Glibc

extension PageRegistry {
  /// The same registry with the pages of a user's folder: `FOLDER/<category>/<slug>.md`, or `FOLDER/<slug>.md`, whose
  /// category is the folder's own name.
  ///
  /// README.md and everything that does not end in `.md` is left alone.
  ///
  /// - Throws: ``PageError`` for a malformed page or an id that is taken; ``PageFolderError`` for what cannot be read.
  public func adding(folder: String) throws -> PageRegistry {
    var registry = self
    for (path, category) in try Self.pagePaths(in: folder) {
      guard let id = Self.id(ofPath: path) else { continue }
      let page = try PageParser(Self.text(of: path), file: path).page(
        id: id, category: category.escapedForDisplay)
      registry = try registry.adding(page)
    }
    return registry
  }

  private static func pagePaths(in folder: String) throws -> [(path: String, category: String)] {
    let root = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    let name = URL(filePath: root).lastPathComponent
    var paths: [(String, String)] = []
    for entry in try entries(of: root) {
      let path = "\(root)/\(entry)"
      if entry.hasSuffix(".md") {
        paths.append((path, name))
      } else if isFolder(path) {
        paths += try entries(of: path).filter { $0.hasSuffix(".md") }.map { ("\(path)/\($0)", entry) }
      }
    }
    return paths
  }

  private static func entries(of folder: String) throws -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }
        .sorted()
    } catch {
      let remedy = "pass a folder with pages, FOLDER/<category>/<slug>.md"
      throw PageFolderError(
        path: folder, problem: FileManager.default.fileExists(atPath: folder) ? nil : "there is none",
        remedy: remedy)
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
  }

  private static func text(of path: String) throws -> String {
    do throws(FileFailure) {
      if let text = try RegularFile.text(path, limit: pageLimit) { return text }
      throw FileFailure.system(ENOENT)
    } catch {
      let remedy = error == .notText ? "save it as UTF-8" : "put a page there that this user may read"
      throw PageFolderError(path: path, problem: error.description, remedy: remedy)
    }
  }

  /// Pages have some 3 KB.
  private static let pageLimit = 1 << 20
}

/// A folder of pages, or a file in it, that cannot be read.
public struct PageFolderError: ConfigurationError, Hashable {
  public let path: String
  let problem: String?
  let remedy: String

  public var description: String {
    "\(path.escapedForDisplay) cannot be read as pages\(problem.map { ": \($0)" } ?? ""); \(remedy)"
  }
}
