import FoundationEssentials
import Testing

@testable import Diagnoses

@Suite("The registry of pages")
struct PageRegistryTests {
  /// Runs with a folder of files that is gone afterwards.
  private func withFolder(_ files: [String: String], _ body: (String) throws -> Void) throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "pages-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    for (path, text) in files {
      let file = root.appending(path: path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    try body(root.path)
  }

  @Test("a user's folder adds pages, in folders of their category or flat")
  func ownPages() throws {
    try withFolder([
      "proxy/acme-proxy.md": PageText.page(), "acme-flat.md": PageText.page(id: "acme-flat"),
      "README.md": "# Ours",
      "notes.txt": "none",
    ]) { folder in
      let registry = try PageRegistry.embedded.adding(folder: folder + "/")
      #expect(registry["acme-proxy"]?.category == "proxy")
      #expect(registry["acme-flat"]?.category.hasPrefix("pages-") == true)
      #expect(registry.ids.count == PageRegistry.embedded.ids.count + 2)
      #expect(registry["acme-proxy"]?.file == "\(folder)/proxy/acme-proxy.md")
    }
  }

  @Test("a malformed page is an error with its file and line")
  func malformed() throws {
    try withFolder(["proxy/acme-proxy.md": PageText.page(severity: "fatal")]) { folder in
      let error = try #require(throws: PageError.self) { try PageRegistry.embedded.adding(folder: folder) }
      #expect(error.description.hasPrefix("\(folder)/proxy/acme-proxy.md:3: "))
    }
  }

  @Test("an id that is taken is an error that names both files")
  func duplicates() throws {
    try withFolder(["a/acme-proxy.md": PageText.page(), "b/acme-proxy.md": PageText.page()]) { folder in
      let error = try #require(throws: PageError.self) { try PageRegistry.embedded.adding(folder: folder) }
      #expect(error.file == "\(folder)/b/acme-proxy.md")
      #expect(error.problem.contains("\(folder)/a/acme-proxy.md"))
    }
    try withFolder(["tls/tls-name-mismatch.md": PageText.page(id: "tls-name-mismatch")]) { folder in
      let error = try #require(throws: PageError.self) { try PageRegistry.embedded.adding(folder: folder) }
      #expect(error.problem.contains("checks/tls/tls-name-mismatch.md of this program"))
    }
  }

  @Test("a folder that is not there, and a file that is not text, are errors that say so")
  func unreadable() throws {
    let error = try #require(throws: PageFolderError.self) {
      try PageRegistry.embedded.adding(folder: "/nonexistent/pages")
    }
    #expect(error.description.hasPrefix("/nonexistent/pages cannot be read as pages: there is none; "))
  }

  @Test(
    "a mistyped id finds what was meant",
    arguments: [
      ("tls-nam-mismatch", "tls-name-mismatch"), ("TLS-EXPIRED", "tls-expired"),
      ("name-mismatch", "tls-name-mismatch"),
      ("tok-wrong-regoin", "tok-wrong-region"),
    ])
  func nearest(word: String, id: String) {
    #expect(PageRegistry.embedded.nearest(to: word).first == id)
  }

  @Test("a word like none finds none")
  func nothingNear() {
    #expect(PageRegistry.embedded.nearest(to: "frobnicate-everything").isEmpty)
  }
}
