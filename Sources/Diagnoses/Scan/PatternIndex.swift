/// Every text of every page, each once, and who is interested in it.
struct PatternIndex {
  /// A page's rule.
  struct Rule {
    /// The page's index.
    let page: Int
    let rule: MessageRule
    let strength: MatchStrength
  }

  /// A rule's part that is this text, with what has to be known of the rule in each line, so that nothing has to be
  /// looked up there.
  struct Use {
    let rule: Int
    let part: Int
    let isLast: Bool
    let page: Int
    let strength: MatchStrength
  }

  let pages: [DiagnosisPage]
  private(set) var rules: [Rule] = []
  /// The distinct texts.
  private(set) var patterns: [MessagePattern] = []
  /// For each text, who has it, in the order of the parts, so that a line can begin and end a sequence.
  private(set) var uses: [[Use]] = []
  let anchors: AnchorTable
  /// What a database token in a log has in it, plain or as part of a URI. Their ids follow those of the texts.
  static let tokenMarks = ["Action=connect", "Action=DbConnect", "Action%3Dconnect", "Action%3DDbConnect"]

  init(_ pages: [DiagnosisPage]) {
    self.pages = pages
    var numbers: [MessagePattern: Int] = [:]
    for (page, content) in pages.enumerated() {
      let ranked: [(MatchStrength.Evidence, [MessageRule])] = [
        (.message, content.messages), (.shared, content.shares),
      ]
      for (evidence, list) in ranked {
        for rule in list {
          let strength = MatchStrength(evidence, rule.literalCharacters)
          rules.append(Rule(page: page, rule: rule, strength: strength))
          for (part, pattern) in rule.patterns.enumerated() {
            let number = numbers[pattern] ?? patterns.count
            if number == patterns.count {
              numbers[pattern] = number
              patterns.append(pattern)
              uses.append([])
            }
            uses[number].append(
              Use(
                rule: rules.count - 1, part: part, isLast: part == rule.patterns.count - 1, page: page,
                strength: strength))
          }
        }
      }
    }
    let literals = patterns.map { pattern in
      pattern.parts.compactMap { part -> [UInt8]? in
        if case .literal(let bytes) = part { bytes } else { nil }
      }
    }
    anchors = AnchorTable(literals + Self.tokenMarks.map { [Array($0.utf8)] })
  }
}
