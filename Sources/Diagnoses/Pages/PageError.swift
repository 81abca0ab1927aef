public import AccessModel

/// A page that does not have the form of one.
public struct PageError: ConfigurationError, Hashable {
  public let file: String
  /// Counted from 1.
  public let line: Int
  /// What is there.
  public let problem: String
  /// What to do about it.
  public let remedy: String

  init(_ file: String, _ line: Int, _ problem: String, _ remedy: String) {
    self.file = file
    self.line = line
    self.problem = problem
    self.remedy = remedy
  }

  /// `FILE:LINE: problem; remedy`, the form that editors jump to.
  public var description: String {
    "\(file.escapedForDisplay):\(line): \(problem.escapedForDisplay); \(remedy)"
  }
}
