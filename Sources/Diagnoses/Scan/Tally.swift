internal import AccessModel
internal import Signing

/// What has been found so far, page by page.
struct Tally {
  /// What speaks for one page.
  private struct Entry {
    var strength: MatchStrength?
    /// What said so: the rule's number, or a token's fault.
    var rule: Int?
    var fault: TokenFault?
    var count = 0
    var leading = 0
    var firstLine = 0
    var lastLine = 0
    var lastLeading = 0
    var examples: [LineExcerpt] = []
  }

  /// Something in the line at hand that speaks for a page.
  private struct Finding {
    let page: Int
    let strength: MatchStrength
    /// A rule's number, or one of `foundFaults`.
    let rule, fault: Int?
    let range: Range<Int>
  }

  /// How far a sequence has got.
  private struct Progress {
    /// For each part but the last: the line in which the latest sequence began that has come so far.
    var begun: [Int]
  }

  private let index: PatternIndex
  private var entries: [Entry]
  private var progress: [Int: Progress] = [:]
  private var numbers: [String: Int] = [:]
  private(set) var tokens = 0
  /// The tokens of the last line that had one: parts of a long line overlap, and several marks lead to the same token.
  private var lastTokens = (line: 0, hashes: Set<Int>())
  /// What the line at hand says: filled by `add`, used up by `endLine`.
  private var found: [Finding] = []
  private var foundFaults: [TokenFault] = []
  private var begun: [(use: PatternIndex.Use, range: Range<Int>)] = []
  private var inspected: [Int: [TokenFault]] = [:]

  /// Example lines that are kept of each page.
  static let examples = 3

  init(_ index: PatternIndex) {
    self.index = index
    entries = Array(repeating: Entry(), count: index.pages.count)
    for (number, page) in index.pages.enumerated() { numbers[page.id] = number }
    for (number, rule) in index.rules.enumerated() where rule.rule.patterns.count > 1 {
      progress[number] = Progress(begun: Array(repeating: .min / 2, count: rule.rule.patterns.count))
    }
  }

  /// A text was found in the line at hand.
  mutating func add(pattern: Int, range: Range<Int>) {
    for use in index.uses[pattern] {
      if use.part == 0, use.isLast {
        found.append(
          Finding(page: use.page, strength: use.strength, rule: use.rule, fault: nil, range: range))
      } else {
        begun.append((use, range))
      }
    }
  }

  /// There are tokens in the line at hand.
  mutating func addTokens(of line: LineCut) {
    for sighting in TokenSighting.all(
      in: line.bytes, isHeadless: line.isHeadless, isTailless: line.isTailless)
    {
      let hash = sighting.text.hashValue
      if lastTokens.line != line.number { lastTokens = (line.number, []) }
      guard lastTokens.hashes.insert(hash).inserted else { continue }
      tokens += 1
      for fault in faults(of: sighting) {
        guard let page = numbers[fault.slug.rawValue] else { continue }
        let evidence: MatchStrength.Evidence = fault.severity == .error ? .token : .doubtfulToken
        let order = TokenFault.Slug.allCases.firstIndex(of: fault.slug) ?? 0
        let strength = MatchStrength(evidence, TokenFault.Slug.allCases.count - order)
        foundFaults.append(fault)
        found.append(
          Finding(
            page: page, strength: strength, rule: nil, fault: foundFaults.count - 1, range: sighting.range))
      }
    }
  }

  /// A token's faults. A program that logs its tokens logs much the same one again and again.
  private mutating func faults(of sighting: TokenSighting) -> [TokenFault] {
    let kind = sighting.kind
    if let known = inspected[kind] { return known }
    if inspected.count >= 1_024 { inspected.removeAll(keepingCapacity: true) }
    // A log is read later than it was written: the age of what is in it says nothing. Masks are the log's own.
    let faults = TokenInspection(sighting.text, now: nil).faults.filter { $0.slug != .masked }
    inspected[kind] = faults
    return faults
  }

  /// Everything of this line has been found.
  mutating func endLine(_ line: LineCut) {
    advanceSequences(line.number)
    guard let best = found.lazy.map(\.strength).max() else { return }
    var excerpt: LineExcerpt?
    for finding in found {
      let (page, strength, range) = (finding.page, finding.strength, finding.range)
      if entries[page].strength.map({ $0 < strength }) ?? true {
        entries[page].strength = strength
        entries[page].rule = finding.rule
        entries[page].fault = finding.fault.map { foundFaults[$0] }
      }
      if strength == best, entries[page].lastLeading != line.number {
        entries[page].leading += 1
        entries[page].lastLeading = line.number
      }
      guard entries[page].lastLine != line.number else { continue }
      if entries[page].count == 0 { entries[page].firstLine = line.number }
      entries[page].count += 1
      entries[page].lastLine = line.number
      if entries[page].examples.count < Self.examples {
        let shown =
          excerpt
          ?? LineExcerpt(
            line.bytes, line: line.number, showing: range,
            hiding: SecretRanges.all(in: line.bytes, after: line.context))
        excerpt = shown
        entries[page].examples.append(shown)
      }
    }
    found.removeAll(keepingCapacity: true)
    foundFaults.removeAll(keepingCapacity: true)
  }

  private mutating func advanceSequences(_ line: Int) {
    guard !begun.isEmpty else { return }
    // In the order of the parts, so that one line can have two of them.
    for (use, range) in begun.sorted(by: { $0.use.part < $1.use.part }) {
      guard var state = progress[use.rule] else { continue }
      let start = use.part == 0 ? line : state.begun[use.part - 1]
      guard line - start <= MessageRule.reach else { continue }
      state.begun[use.part] = max(state.begun[use.part], start)
      progress[use.rule] = state
      if use.isLast {
        found.append(
          Finding(page: use.page, strength: use.strength, rule: use.rule, fault: nil, range: range))
      }
    }
    begun.removeAll(keepingCapacity: true)
  }

  /// All pages that something speaks for, ranked.
  func matches() -> [PageMatch] {
    zip(index.pages, entries).compactMap { page, entry -> PageMatch? in
      guard let strength = entry.strength else { return nil }
      return PageMatch(
        page: page, strength: strength, reason: reason(entry, strength), count: entry.count,
        leading: entry.leading, firstLine: entry.firstLine, lastLine: entry.lastLine, examples: entry.examples
      )
    }.sorted(by: PageMatch.precedes)
  }

  private func reason(_ entry: Entry, _ strength: MatchStrength) -> String {
    if let fault = entry.fault { return "a token in the text shows it: \(fault.reason)" }
    guard let rule = entry.rule.map({ index.rules[$0].rule }) else { return "" }
    let what = "the text has \(rule.description.escapedForDisplay)"
    guard strength.evidence == .shared else { return what }
    let owners = index.rules.filter { $0.strength.evidence == .message && $0.rule == rule }
    let owner = owners.first.map { ", which is that of \(index.pages[$0.page].id) by itself" } ?? ""
    return "\(what)\(owner); this failure shows it, too"
  }
}
