internal import AccessModel
internal import CheckPages

/// All pages by their ids: those of this program, and a user's own.
public struct PageRegistry: Sendable {
  /// The pages that the binary carries, each parsed when it is asked for.
  private let embedded: [String: CheckPages.File]
  /// The pages of users' folders, parsed when they were added.
  private var own: [String: DiagnosisPage] = [:]

  /// The program's own pages.
  public static let embedded = PageRegistry(files: CheckPages.all)

  init(files: [CheckPages.File]) {
    let pages = files.compactMap { file in Self.id(ofPath: file.path).map { ($0, file) } }
    // Two files of one name in different folders: a test sees to it that there are none.
    embedded = Dictionary(pages) { first, _ in first }
  }

  /// `tls/tls-expired.md` → `tls-expired`; nil for what is no page.
  static func id(ofPath path: String) -> String? {
    guard let name = path.split(separator: "/").last, name.hasSuffix(".md"), name != "README.md" else {
      return nil
    }
    return String(name.dropLast(3))
  }

  /// The ids of all pages, sorted.
  public var ids: [String] { (Array(embedded.keys) + own.keys).sorted() }

  /// Whether there is a page, without reading it.
  public func contains(_ id: String) -> Bool { embedded[id] != nil || own[id] != nil }

  /// The page with this id, or nil when there is none.
  ///
  /// - Throws: ``PageError`` for an embedded page that is malformed, which the tests of the build exclude.
  public func page(_ id: String) throws(PageError) -> DiagnosisPage? {
    if let page = own[id] { return page }
    guard let file = embedded[id] else { return nil }
    let folders = file.path.split(separator: "/").dropLast()
    return try PageParser(file.text, file: "checks/\(file.path)")
      .page(id: id, category: folders.last.map(String.init) ?? "")
  }

  /// The page with this id, or nil when there is none that can be read.
  public subscript(id: String) -> DiagnosisPage? { try? page(id) }

  /// All pages, sorted by id.
  public func pages() throws(PageError) -> [DiagnosisPage] {
    var pages: [DiagnosisPage] = []
    for id in ids {
      if let page = try page(id) { pages.append(page) }
    }
    return pages
  }

  /// The same registry with one more page.
  ///
  /// - Throws: ``PageError`` when the page's id is taken.
  func adding(_ page: DiagnosisPage) throws(PageError) -> PageRegistry {
    if let other = own[page.id]?.file ?? embedded[page.id].map({ "checks/\($0.path) of this program" }) {
      throw PageError(
        page.file, 2, "the id “\(page.id)” is that of \(other) as well",
        "rename the file and its id; your own pages can begin with a word of yours, such as acme-\(page.id)")
    }
    var registry = self
    registry.own[page.id] = page
    return registry
  }

  /// The ids most like a mistyped one, nearest first; empty when none is like it.
  public func nearest(to id: String, limit: Int = 3) -> [String] {
    let word = id.lowercased()
    let distances = ids.map { candidate -> (id: String, distance: Int) in
      // A part of the name is as good as a slip of the finger.
      let isPart = word.count >= 3 && (candidate.contains(word) || word.contains(candidate))
      return (candidate, isPart ? 1 : word.editDistance(to: candidate))
    }
    // Every third letter wrong is still the same word; more is another one.
    let bound = max(2, word.count / 3)
    return distances.filter { $0.distance <= bound }
      .sorted { ($0.distance, $0.id) < ($1.distance, $1.id) }
      .prefix(limit).map(\.id)
  }
}
