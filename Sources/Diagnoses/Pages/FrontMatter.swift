internal import AccessModel
internal import Yams

/// The keys at the head of a page.
struct FrontMatter {
  let severity: DiagnosisPage.Severity
  let engines: [DiagnosisPage.Engine]
  let likelihood: DiagnosisPage.Likelihood
  let messages, shares: [MessageRule]
  let risks: [DiagnosisPage.Risk]
  let replacedBy: String?

  static let keys = ["id", "severity", "engines", "likelihood", "messages", "shares"]
  /// Keys that a page may leave out, after all the others.
  static let riskKey = "risk"
  static let successorKey = "replaced-by"

  /// - Parameters:
  ///   - text: the lines between the two `---`.
  ///   - id: what the key `id` has to say.
  init(_ text: String, file: String, id: String) throws(PageError) {
    let reader = try Reader(text, file: file)
    for (expected, entry) in zip(Self.keys, reader.entries) where entry.key != expected {
      throw reader.error(
        entry.line, "the key “\(entry.key)” is not the one that belongs here, “\(expected)”", Self.keyRule)
    }
    guard reader.entries.count >= Self.keys.count else {
      throw reader.error(
        reader.lastLine, "the key “\(Self.keys[reader.entries.count])” is missing", Self.keyRule)
    }
    var next = Self.keys.count
    func isNext(_ key: String) -> Bool { next < reader.entries.count && reader.entries[next].key == key }
    if isNext(Self.riskKey) {
      risks = try reader.choices(next)
      next += 1
    } else {
      risks = []
    }
    if isNext(Self.successorKey) {
      replacedBy = try reader.text(next)
      next += 1
    } else {
      replacedBy = nil
    }
    guard next == reader.entries.count else {
      let extra = reader.entries[next]
      throw reader.error(extra.line, "the key “\(extra.key)” is not the one that belongs here", Self.keyRule)
    }
    let named = try reader.text(0)
    guard named == id else {
      throw reader.error(
        reader.entries[0].line, "the id is “\(named)”, and the file is named “\(id).md”", "name both the same"
      )
    }
    guard Self.isSlug(id) else {
      throw reader.error(
        reader.entries[0].line, "“\(id)” cannot be an id",
        "use lower-case words and digits with hyphens between them, such as tls-name-mismatch")
    }
    severity = try reader.choice(1)
    engines = try reader.choices(2)
    likelihood = try reader.choice(3)
    messages = try reader.rules(4)
    shares = try reader.rules(5)
  }

  private static func isSlug(_ text: String) -> Bool {
    let words = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    return words.allSatisfy { word in
      !word.isEmpty
        && word.allSatisfy {
          UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
        }
    }
  }

  private static let keyRule =
    "a page's keys are \(keys.joined(separator: ", ")), in this order, then \(riskKey) where a command of its "
    + "fix can do harm, and \(successorKey) where another page took this one's place"
}

extension FrontMatter {
  /// The keys and values as YAML has them, each with its line in the file.
  private struct Reader {
    struct Entry {
      let key: String
      let line: Int
      let value: Node
    }

    let file: String
    let entries: [Entry]
    let lastLine: Int

    init(_ text: String, file: String) throws(PageError) {
      self.file = file
      lastLine = text.utf8.count(where: { $0 == UInt8(ascii: "\n") }) + 2
      if let line = YAMLAliases.firstLine(in: text) {
        throw PageError(
          file, line + 1, "the front matter has an alias (*name)",
          "write the text out, and put one that begins with * between single quotes")
      }
      let node: Node?
      do {
        node = try Yams.compose(yaml: text)
      } catch {
        let (line, what) = Self.explain(error)
        throw PageError(
          file, line, "the front matter is not YAML: \(what)",
          "put texts with special characters between single quotes, and double a single quote within")
      }
      guard let mapping = node?.mapping else {
        throw PageError(file, 2, "the front matter has no keys", FrontMatter.keyRule)
      }
      entries = mapping.map { Entry(key: $0.string ?? "", line: Self.line(of: $0), value: $1) }
    }

    func error(_ line: Int, _ problem: String, _ remedy: String) -> PageError {
      PageError(file, line, problem, remedy)
    }

    /// Lines of YAML begin after the file's first `---`.
    private static func line(of node: Node) -> Int { (node.mark?.line ?? 1) + 1 }

    private static func explain(_ error: any Error) -> (line: Int, what: String) {
      switch error as? YamlError {
      case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
        .composer(let context, let problem, let mark, _):
        (mark.line + 1, context.map { "\(problem) \($0.description)" } ?? problem)
      case .duplicatedKeysInMapping(_, let context): (context.mark.line + 1, "a key is there twice")
      default: (2, "it cannot be read")
      }
    }

    func text(_ index: Int) throws(PageError) -> String {
      let entry = entries[index]
      guard let text = entry.value.scalar?.string, !text.isEmpty else {
        throw error(entry.line, "\(entry.key) has no text", "write \(entry.key): and one word")
      }
      return text
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ index: Int) throws(PageError) -> Choice {
      let text = try text(index)
      guard let choice = Choice(rawValue: text) else {
        throw unknown(text, at: entries[index].line, of: Choice.self, key: entries[index].key)
      }
      return choice
    }

    func choices<Choice: RawRepresentable<String> & CaseIterable>(_ index: Int) throws(PageError) -> [Choice]
    {
      let entry = entries[index]
      guard let list = entry.value.sequence, !list.isEmpty else {
        throw error(
          entry.line, "\(entry.key) is not a list of at least one word", "write [\(words(Choice.self, ", "))]"
        )
      }
      var choices: [Choice] = []
      for node in list {
        let text = node.scalar?.string ?? ""
        guard let choice = Choice(rawValue: text) else {
          throw unknown(text, at: Self.line(of: node), of: Choice.self, key: entry.key)
        }
        choices.append(choice)
      }
      return choices
    }

    private func unknown<Choice: RawRepresentable<String> & CaseIterable>(
      _ text: String, at line: Int, of: Choice.Type, key: String
    ) -> PageError {
      error(line, "“\(text)” is not a value of \(key)", "use \(words(Choice.self, " or "))")
    }

    private func words<Choice: RawRepresentable<String> & CaseIterable>(
      _: Choice.Type, _ separator: String
    ) -> String {
      Choice.allCases.map(\.rawValue).joined(separator: separator)
    }

    func rules(_ index: Int) throws(PageError) -> [MessageRule] {
      let entry = entries[index]
      guard let list = entry.value.sequence else {
        throw error(entry.line, "\(entry.key) is not a list", "write [] or one line “- 'text'” for each text")
      }
      var rules: [MessageRule] = []
      for node in list {
        let nodes = node.sequence.map(Array.init) ?? [node]
        var patterns: [MessagePattern] = []
        for part in nodes {
          guard let text = part.scalar?.string else {
            throw error(
              Self.line(of: part), "an entry of \(entry.key) is not a text",
              "put each text between single quotes, and a sequence between [ and ]")
          }
          do {
            patterns.append(try MessagePattern(text))
          } catch {
            throw self.error(
              Self.line(of: part), "“\(text)” cannot be searched for: \(error.problem)", error.remedy)
          }
        }
        guard let rule = MessageRule(patterns) else {
          throw error(Self.line(of: node), "a sequence of \(entry.key) is empty", "give it two texts or more")
        }
        rules.append(rule)
      }
      return rules
    }
  }
}
