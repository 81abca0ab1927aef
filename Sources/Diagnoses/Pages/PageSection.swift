/// One of a page's six parts.
public struct PageSection: Sendable, Hashable {
  /// The headings, in the order in which every page has them.
  public enum Heading: String, Sendable, Hashable, CaseIterable {
    case symptoms = "Symptoms"
    case cause = "Cause"
    case detection = "Detection"
    case fix = "Fix"
    case verify = "Verify"
    case references = "References"
  }

  public let heading: Heading
  /// The Markdown lines below the heading, without empty ones at both ends.
  public let lines: [String]
  public let codeBlocks: [CodeBlock]
}

/// Text between two lines of three backticks.
public struct CodeBlock: Sendable, Hashable {
  /// The word after the backticks: `sql`, `console`. Empty where there is none.
  public let language: String
  /// The lines in between, without a line break at the end.
  public let text: String
  /// The line of the file that the block's text begins on, counted from 1.
  public let line: Int
}
