import Testing

@testable import Provisioning

@Suite("Access lists")
struct AccessListTests {
  private func key(_ grantor: String, _ grantee: String?, _ privilege: Character) -> AccessList.Key {
    .init(grantor: grantor, grantee: grantee, privilege: privilege)
  }

  private func list(_ text: String, owner: String = "o") throws -> AccessList {
    try #require(AccessList(text, owner: owner) { $0 })
  }

  @Test("are read with every kind of name")
  func names() throws {
    let awkward = #"{o=arw*/o,=r/o,"\"A \"\"b\"\", {c}\\\"=X/o","\"=/*\"=r/\"=/*\""}"#
    let list = try list(awkward)
    #expect(list[key("o", "o", "w")] == .grantable)
    #expect(list[key("o", nil, "r")] == .plain)
    #expect(list[key("o", #"A "b", {c}\"#, "X")] == .plain)
    #expect(list[key("=/*", "=/*", "r")] == .plain)
    #expect(list.entries.count == 6)
    #expect(try self.list("{}").entries.isEmpty)
  }

  @Test(
    "are refused when they are something else",
    arguments: [
      "", "o=r/o", "{", "}", "{o}", "{o=r}", "{o=/}x", "{o=*r/o}", "{o=r/o,}", "{o=Z/o}", #"{"o=r/o}"#,
      #"{"\"o=r/o"}"#,
      #"{o=r/o\}"#,
    ])
  func noLists(text: String) {
    #expect(AccessList(text, owner: "o") { $0 } == nil)
  }

  @Test("leave out what names a role that is gone")
  func gone() throws {
    let list = try #require(AccessList("{a=r/o,b=r/o,b=w/a}", owner: "o") { $0 == "a" ? nil : $0 + "2" })
    #expect(list.entries.map(\.key) == [key("o2", "b2", "r")])
  }

  @Test("whatever is cut, flipped or put in: reading ends")
  func mutations() {
    let text = Array(#"{o=arwdDxt*/o,"\"A \"\"b\"=r*/o",=r/o}"#.unicodeScalars)
    for position in text.indices {
      for scalar in ["\"", "\\", "{", "}", "=", "/", "*", ",", "\u{0}", "\u{10FFFF}"] as [Unicode.Scalar] {
        var mutated = text
        mutated[position] = scalar
        for cut in [mutated, Array(mutated[..<position]), Array(mutated[position...])] {
          var view = String.UnicodeScalarView()
          view.append(contentsOf: cut)
          _ = AccessList(String(view), owner: "o") { $0 }
        }
      }
    }
  }

  /// What setup did: it handed the object to `n` and, where somebody is kept, granted it everything.
  private func merged(_ former: String, _ current: String, kept: [String] = []) throws -> String {
    let steps =
      [WayBack.Step.owner("n")] + kept.map { .grant(role: $0, letters: Array("arwdDxt")) }
    let merge = AccessMerge(
      former: try list(former), steps: steps, current: try list(current, owner: "n"), owner: "o")
    return merge.wanted.entries.map { entry in
      "\(entry.key.grantee ?? "")=\(entry.key.privilege)\(entry.level == .grantable ? "*" : "")/\(entry.key.grantor)"
    }.sorted().joined(separator: " ")
  }

  @Test("come back as they were, with what others have granted and without what they have revoked")
  func merges() throws {
    #expect(try merged("{o=r/o,a=w/o}", "{n=r/n,a=w/n}") == "a=w/o o=r/o")
    #expect(try merged("{o=r/o,a=w/o}", "{n=r/n}") == "o=r/o")
    #expect(try merged("{o=r/o,a=w*/o}", "{n=r/n,a=w/n,b=d*/n}") == "a=w/o b=d*/o o=r/o")
    // What the change of owner had merged comes apart again.
    #expect(try merged("{o=rw/o,n=r/o}", "{n=rw/n}") == "n=r/o o=r/o o=w/o")
    // Setup's own grants go; a former owner's that somebody has taken stay away.
    #expect(try merged("{o=rw/o}", "{n=rw/n,o=arwdDxt/n}", kept: ["o"]) == "o=r/o o=w/o")
    #expect(try merged("{o=rw/o}", "{n=rw/n,o=arwdDxt/n,k=arwdDxt/n}", kept: ["o", "k"]) == "o=r/o o=w/o")
    #expect(try merged("{o=rw/o}", "{n=rw/n,o=arwDxt/n}", kept: ["o"]) == "o=r/o o=w/o")
    #expect(try merged("{o=rw/o}", "{n=rw/n,o=awdDxt/n}", kept: ["o"]) == "o=w/o")
    #expect(try merged("{o=r/o,k=r/o}", "{n=r/n,k=ardDxt/n}", kept: ["k"]) == "k=r/o o=r/o")
    #expect(try merged("{o=r/o,k=r/o}", "{n=r/n,k=awdDxt/n}", kept: ["k"]) == "o=r/o")
  }
}
