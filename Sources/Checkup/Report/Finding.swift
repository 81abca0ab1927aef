/// One diagnosis that the evidence points to.
public struct Finding: Sendable, Hashable {
  /// How well the evidence supports a diagnosis. The order is the ranking's first key.
  public enum Confidence: Int, Sendable, Hashable, Codable, Comparable {
    /// One of several causes that fit.
    case possible
    /// What the evidence points to, without having measured the cause itself.
    case probable
    /// The cause itself was measured.
    case certain

    public static func < (one: Confidence, other: Confidence) -> Bool { one.rawValue < other.rawValue }
  }

  /// The slug of the page in `checks/`.
  public var id: String
  public var severity: Severity
  public var confidence: Confidence
  /// What in the evidence speaks for it, as a sentence without a full stop at its end.
  public var reason: String
  /// What to type next, with this run's own values; nil leaves it to the page. A line that starts with two spaces is a
  /// command: it is shown as it is, however narrow the terminal, so that it can be pasted.
  public var fix: String?
  /// The page's title.
  public var title: String
  /// The check that saw it.
  public var check: String
  /// The file and line that it is about, if it is about one.
  public var location: FileLocation?
  /// Other findings that follow from this one and would go with it.
  public var consequences: [String]

  public init(
    _ id: String, _ severity: Severity, _ confidence: Confidence, check: String, reason: String,
    fix: String? = nil, title: String = "", location: FileLocation? = nil, consequences: [String] = []
  ) {
    self.id = id
    self.severity = severity
    self.confidence = confidence
    self.check = check
    self.reason = reason
    self.fix = fix
    self.title = title
    self.location = location
    self.consequences = consequences
  }
}

extension Finding {
  /// An error.
  init(
    _ id: String, _ confidence: Confidence, check: String, reason: String, fix: String? = nil,
    location: FileLocation? = nil, consequences: [String] = []
  ) {
    self.init(
      id, .error, confidence, check: check, reason: reason, fix: fix, location: location,
      consequences: consequences)
  }
}

/// A line of a file.
public struct FileLocation: Sendable, Hashable {
  public var path: String
  /// Counted from 1.
  public var line: Int?

  public init(path: String, line: Int? = nil) {
    self.path = path
    self.line = line
  }
}
