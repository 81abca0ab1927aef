import Testing

@testable import Diagnoses

@Suite("Reading a log")
struct LogScannerTests {
  static let pages: [DiagnosisPage] = {
    let texts: [(String, [String], [String])] = [
      ("aaa-special", ["authentication failed for user \"{user}\" from proxy"], []),
      ("bbb-general", ["authentication failed for user \"{user}\""], []),
      ("ccc-shares", [], ["authentication failed for user \"{user}\""]),
      ("ddd-sequence", ["['handshake has begun', 'handshake was dropped']"], []),
      ("eee-timeout", ["timeout expired"], ["authentication failed for user \"{user}\""]),
    ]
    return texts.compactMap { try? PageText.parsed($0.0, messages: $0.1, shares: $0.2) }
  }()

  private func read(_ text: String) -> LogReading { LogScanner.reading(of: text, pages: Self.pages) }

  private func read(_ bytes: [UInt8], pieces: Int) -> LogReading {
    var scanner = LogScanner(pages: Self.pages)
    bytes.withUnsafeBytes { all in
      var position = 0
      while position < all.count {
        let end = min(all.count, position + pieces)
        scanner.scan(UnsafeRawBufferPointer(rebasing: all[position..<end]))
        position = end
      }
    }
    return scanner.finish()
  }

  private func ids(_ reading: LogReading) -> [String] { reading.matches.map(\.page.id) }

  @Test("the longer text wins, then the shorter one, then who shares it, the likelier first")
  func ranking() throws {
    let reading = read("FATAL:  authentication failed for user \"app\" from proxy\n")
    #expect(ids(reading) == ["aaa-special", "bbb-general", "ccc-shares", "eee-timeout"])
    #expect(reading.matches.map(\.leading) == [1, 0, 0, 0])
    #expect(reading.matches[2].reason.contains("that of bbb-general by itself"))
    let rare = try PageText.parsed("aaa-rare", shares: ["timeout expired"], likelihood: "rare")
    let common = try PageText.parsed("zzz-common", shares: ["timeout expired"])
    let matches = LogScanner.reading(of: "timeout expired", pages: [rare, common]).matches
    #expect(matches.map(\.page.id) == ["zzz-common", "aaa-rare"])
  }

  @Test("lines are counted and the first few are kept")
  func counts() throws {
    let lines = (1...20).map { $0.isMultiple(of: 5) ? "\($0): timeout expired" : "\($0): fine" }
    let reading = read(lines.joined(separator: "\n"))
    #expect(reading.lines == 20)
    let match = try #require(reading.matches.first)
    #expect((match.count, match.firstLine, match.lastLine) == (4, 5, 20))
    #expect(match.examples.map(\.line) == [5, 10, 15])
    #expect(
      match.examples.map(\.text) == ["5: timeout expired", "10: timeout expired", "15: timeout expired"])
  }

  @Test("a line that says it twice counts once")
  func twice() throws {
    #expect(read("timeout expired timeout expired").matches.first?.count == 1)
  }

  @Test("what was found does not depend on how the text was cut", arguments: 1...120)
  func everyCut(pieces: Int) throws {
    let text = """
      one
      FATAL:  authentication failed for user "app" from proxy
      handshake has begun\r
      x timeout expired
      handshake was dropped
      """
    let whole = read(text)
    let cut = read(Array(text.utf8), pieces: pieces)
    #expect(ids(cut) == ids(whole))
    #expect(ids(whole) == ["aaa-special", "ddd-sequence", "bbb-general", "eee-timeout", "ccc-shares"])
    #expect(cut.matches.map(\.examples) == whole.matches.map(\.examples))
    #expect((cut.lines, cut.bytes) == (5, text.utf8.count))
  }

  @Test("a failure on the border between two parts of the buffer is found, and the line's number is right")
  func bufferBorder() throws {
    let message = "timeout expired"
    for offset in -20...20 {
      var bytes = Array(repeating: UInt8(ascii: "."), count: LogScanner.capacity + offset)
      for index in stride(from: 99, to: bytes.count, by: 100) { bytes[index] = UInt8(ascii: "\n") }
      bytes += Array("\(message)\n".utf8)
      let reading = read(bytes, pieces: 4_096)
      #expect(reading.matches.first?.firstLine == (LogScanner.capacity + offset) / 100 + 1)
      #expect(reading.matches.first?.count == 1)
    }
  }

  @Test("a line of ten megabytes is one line, and what it says is found wherever it stands")
  func longLine() throws {
    var bytes = Array("first\n".utf8)
    for part in 0..<40 {
      bytes += Array(repeating: UInt8(ascii: "x"), count: 250_000 + part * 37)
      if part.isMultiple(of: 7) { bytes += "timeout expired".utf8 }
    }
    bytes += "\nlast: authentication failed for user \"app\"\n".utf8
    let reading = read(bytes, pieces: 1 << 20)
    #expect(reading.lines == 3)
    #expect(reading.bytes == bytes.count)
    let timeout = try #require(reading.matches.first { $0.page.id == "eee-timeout" })
    #expect((timeout.count, timeout.firstLine, timeout.lastLine) == (2, 2, 3))
    #expect(timeout.examples.allSatisfy { $0.text.utf8.count < 500 })
    #expect(reading.matches.first { $0.page.id == "bbb-general" }?.firstLine == 3)
  }

  @Test("a sequence is found within eight lines, in its order only", arguments: 0...10)
  func sequence(between: Int) {
    let lines = String(repeating: "something else\n", count: between)
    let reading = read("handshake has begun\n\(lines)handshake was dropped\n")
    #expect(ids(reading) == (between + 1 <= MessageRule.reach ? ["ddd-sequence"] : []))
    #expect(read("handshake was dropped\n\(lines)handshake has begun\n").matches.isEmpty)
  }

  @Test("a sequence may be in one line, and begins with the latest first text")
  func sequenceBeginsAgain() {
    #expect(ids(read("handshake has begun, handshake was dropped")) == ["ddd-sequence"])
    let far = String(repeating: "\n", count: 7)
    #expect(
      ids(read("handshake has begun\(far)handshake has begun\(far)handshake was dropped")) == ["ddd-sequence"]
    )
  }

  @Test("zero bytes, invalid UTF-8, carriage returns and escape sequences do no harm, and are not shown raw")
  func strangeBytes() throws {
    var bytes: [UInt8] = [0, 0xFF, 0xFE, 0x1B]
    bytes += Array("[2J\u{202E}timeout expired".utf8) + [0, 0xC3, 0x0D, 0x0A]
    let match = try #require(read(bytes, pieces: 3).matches.first)
    let shown = try #require(match.examples.first?.text)
    #expect(shown.contains("timeout expired"))
    #expect(shown.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0 != "\u{202E}" })
    #expect(shown.hasPrefix("\\u{0}"))
  }

  @Test("nothing is nothing")
  func empty() {
    #expect(read("").lines == 0)
    #expect(read("").matches.isEmpty)
    #expect(read("\n\n").lines == 2)
    #expect(LogScanner.reading(of: "timeout expired", pages: []).matches.isEmpty)
  }

  @Test("the fast way finds what the slow way finds, in texts made of the patterns' own pieces")
  func sameAsSlowWay() throws {
    var dice = RepeatableDice(seed: 7)
    let pieces = EmbeddedPageTests.pages.flatMap(\.messages).flatMap(\.patterns).flatMap { pattern in
      pattern.parts.map { part -> String in
        if case .literal(let bytes) = part { String(decoding: bytes, as: UTF8.self) } else { "x" }
      }
    }
    let pages = EmbeddedPageTests.pages
    for _ in 0..<20 where !pieces.isEmpty {
      let lines = (0..<30).map { _ in
        (0..<Int.random(in: 1...6, using: &dice)).map { _ in pieces.randomElement(using: &dice) ?? "" }
          .joined()
      }
      let fast = LogScanner.reading(of: lines.joined(separator: "\n"), pages: pages)
      for page in pages {
        let rules = (page.messages + page.shares).filter { $0.patterns.count == 1 }
        let slow = lines.count { line in
          var line = line
          return line.withUTF8 { bytes in
            rules.contains { $0.patterns[0].firstMatch(in: UnsafeRawBufferPointer(bytes)) != nil }
          }
        }
        let count = fast.matches.first { $0.page.id == page.id }?.count ?? 0
        let hasSequences = (page.messages + page.shares).contains { $0.patterns.count > 1 }
        #expect(hasSequences ? count >= slow : count == slow, "\(page.id)")
      }
    }
  }
}

/// Numbers that are the same in every run (SplitMix64).
struct RepeatableDice: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
