/// A page of `checks/`: one problem, how it shows, why it happens, and what to type next.
public struct DiagnosisPage: Sendable, Hashable, Identifiable {
  /// How bad it is.
  public enum Severity: String, Sendable, Hashable, CaseIterable {
    case warning, error
  }

  /// Whose logins it can hit.
  public enum Engine: String, Sendable, Hashable, CaseIterable {
    case postgresql, mysql, keyspaces
  }

  /// What a command of the fix can do beyond the cure.
  public enum Risk: String, Sendable, Hashable, CaseIterable {
    /// Restarts a server or a program, or applies changes that may.
    case restart
    /// Takes access away from somebody, or ends their sessions.
    case access
    /// Gives more than there was before: a privilege, a way in, a larger limit.
    case privileges
    /// Replaces or deletes what is there.
    case overwrite
  }

  /// How often a text that several failures share turns out to be this one.
  public enum Likelihood: String, Sendable, Hashable, CaseIterable, Comparable {
    case rare, occasional, common

    public static func < (one: Likelihood, other: Likelihood) -> Bool { one.weight < other.weight }

    private var weight: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  /// The problem's slug, which is the file's name without `.md`.
  public let id: String
  /// The name of the folder that the file lies in.
  public let category: String
  public let severity: Severity
  public let engines: [Engine]
  public let likelihood: Likelihood
  /// Texts in a log that mean this failure.
  public let messages: [MessageRule]
  /// Texts that this failure shows as well, but which belong to another page.
  public let shares: [MessageRule]
  /// What the commands below Fix can do beyond the cure. The first block is free of all of them.
  public let risks: [Risk]
  /// The page that took this one's place, for a slug that is retired or renamed.
  public let replacedBy: String?
  /// The problem in one line.
  public let title: String
  /// All six, in order.
  public let sections: [PageSection]
  /// Where the page was read: `checks/tls/tls-name-mismatch.md`, or a user's own file.
  public let file: String

  /// The section below a heading. Every page has all of them.
  public func section(_ heading: PageSection.Heading) -> PageSection? {
    sections.first { $0.heading == heading }
  }

  /// What to paste: the first fenced block under Fix, or nil where the fix is not something to paste.
  public var fix: String? { section(.fix)?.codeBlocks.first?.text }

  /// The messages under Symptoms, each as a client, a server's log or an API shows it.
  public var symptoms: [String] { section(.symptoms)?.codeBlocks.map(\.text) ?? [] }
}
