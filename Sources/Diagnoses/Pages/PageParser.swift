internal import FoundationEssentials

/// Reads a page's text: front matter, title, six sections.
struct PageParser {
  let file: String
  let lines: [Substring]

  init(_ text: String, file: String) {
    self.file = file
    // A page written on Windows is a page as well. (Swift's line breaks of two characters are one Character.)
    let plain = text.utf8.contains(UInt8(ascii: "\r")) ? text.replacing("\r\n", with: "\n") : text
    lines = plain.split(separator: "\n", omittingEmptySubsequences: false)
  }

  func error(_ line: Int, _ problem: String, _ remedy: String) -> PageError {
    PageError(file, line, problem, remedy)
  }

  /// - Parameters:
  ///   - id: the file's name without `.md`.
  ///   - category: the name of the file's folder.
  func page(id: String, category: String) throws(PageError) -> DiagnosisPage {
    guard lines.first == "---", let end = lines.dropFirst().firstIndex(of: "---") else {
      throw error(1, "there is no front matter", "begin the page with a line ---, the keys, and a line ---")
    }
    let front = try FrontMatter(lines[1..<end].joined(separator: "\n"), file: file, id: id)
    let (title, sections) = try body(from: end + 1)
    return DiagnosisPage(
      id: id, category: category, severity: front.severity, engines: front.engines,
      likelihood: front.likelihood, messages: front.messages, shares: front.shares,
      risks: front.risks, replacedBy: front.replacedBy, title: title, sections: sections, file: file)
  }

  /// A section as far as it has been read.
  private struct Draft {
    let heading: PageSection.Heading
    var lines: [Substring] = []
    var blocks: [CodeBlock] = []

    var section: PageSection {
      let text = lines.drop(while: \.isEmpty)
      let end = text.lastIndex { !$0.isEmpty }.map { $0 + 1 } ?? text.startIndex
      return PageSection(heading: heading, lines: text[..<end].map(String.init), codeBlocks: blocks)
    }
  }

  /// A fenced block whose end has not come yet.
  private struct Fence {
    let language: String
    let line: Int
  }

  private func body(from start: Int) throws(PageError) -> (String, [PageSection]) {
    var title: String?
    var drafts: [Draft] = []
    var fence: Fence?
    for number in lines.indices[start...] {
      let line = lines[number]
      if line.hasPrefix("```") {
        if let open = fence {
          let text = lines[open.line..<number].joined(separator: "\n")
          if !drafts.isEmpty {
            drafts[drafts.count - 1].blocks.append(
              CodeBlock(language: open.language, text: text, line: open.line + 1))
          }
          fence = nil
        } else {
          fence = Fence(language: String(line.dropFirst(3)), line: number + 1)
        }
      } else if fence == nil, line.hasPrefix("# ") {
        guard title == nil else {
          throw error(number + 1, "there is a second title", "give the page one line that begins with “# ”")
        }
        title = String(line.dropFirst(2))
        continue
      } else if fence == nil, line.hasPrefix("## ") {
        drafts.append(Draft(heading: try heading(line.dropFirst(3), at: number + 1, after: drafts.count)))
        continue
      }
      if drafts.isEmpty {
        guard line.isEmpty else {
          throw error(number + 1, "there is text outside the sections", "put it below one of the headings")
        }
      } else {
        drafts[drafts.count - 1].lines.append(line)
      }
    }
    if let fence {
      throw error(
        fence.line, "the block that begins here has no end", "close it with a line of three backticks")
    }
    guard let title, !title.isEmpty else {
      throw error(start + 1, "there is no title", "say the problem in one line that begins with “# ”")
    }
    guard drafts.count == PageSection.Heading.allCases.count else {
      let missing = PageSection.Heading.allCases[drafts.count].rawValue
      throw error(lines.count, "the section “\(missing)” is missing", Self.headingRule)
    }
    return (title, drafts.map(\.section))
  }

  private func heading(_ text: Substring, at line: Int, after count: Int) throws(PageError)
    -> PageSection.Heading
  {
    let headings = PageSection.Heading.allCases
    guard count < headings.count, headings[count].rawValue == text else {
      let expected =
        count < headings.count ? "“\(headings[count].rawValue)” was to come" : "all six were there"
      throw error(line, "“\(text)” is not the heading that belongs here: \(expected)", Self.headingRule)
    }
    return headings[count]
  }

  private static let headingRule =
    "a page has exactly these: \(PageSection.Heading.allCases.map { "## \($0.rawValue)" }.joined(separator: ", "))"
}
