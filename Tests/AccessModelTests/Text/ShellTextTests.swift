import AccessModel
import Foundation
import Glibc
import Testing

@Suite("Words of a command that is shown for pasting")
struct ShellTextTests {
  /// What a shell makes of a line.
  private func output(_ shell: String, _ line: String) throws -> String {
    let script = FileManager.default.temporaryDirectory.appending(path: "words-\(shell)-\(getpid())")
    try Data(line.utf8).write(to: script)
    defer { try? FileManager.default.removeItem(at: script) }
    let pipe = try #require(popen("exec \(shell) \(script.path)", "re"))
    var bytes: [UInt8] = []
    while true {
      let byte = fgetc(pipe)
      if byte < 0 { break }
      bytes.append(UInt8(byte))
    }
    pclose(pipe)
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test("are what they were for every shell, and run nothing", arguments: ["sh", "bash"])
  func survive(_ shell: String) throws {
    // No word has a zero byte, and sh has no way to write a word that ends with a line end.
    let texts = HostileText.all.filter { !$0.contains("\0") && !(shell == "sh" && $0.utf8.last == 0x0A) }
    // dash's printf prints the words one after the other, each behind a mark.
    let line = "printf '<%s>' " + texts.map(ShellText.word).joined(separator: " ")
    #expect(try output(shell, line) == texts.map { "<\($0)>" }.joined())
  }

  @Test("have no line end, control character or CI command in them", arguments: HostileText.all)
  func oneLine(_ text: String) {
    let word = ShellText.word(text)
    #expect(!word.unicodeScalars.contains { $0.steersDisplay })
    #expect(!WorkflowCommand.isIn("x " + word))
  }

  @Test("a value that begins with a dash is no option")
  func dash() {
    #expect(ShellText.option("--keep-access", "app") == "--keep-access app")
    #expect(ShellText.option("--keep-access", "--yes") == "--keep-access=--yes")
    #expect(ShellText.option("-U", "-W x", long: "--username") == "'--username=-W x'")
    #expect(ShellText.option("--keep-access", "$(touch x)") == "--keep-access '$(touch x)'")
  }
}
