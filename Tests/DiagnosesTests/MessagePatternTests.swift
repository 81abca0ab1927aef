import Testing

@testable import Diagnoses

@Suite("A pattern")
struct MessagePatternTests {
  private func found(_ pattern: String, in line: String) throws -> Bool {
    var line = line
    let pattern = try MessagePattern(pattern)
    return line.withUTF8 { pattern.firstMatch(in: UnsafeRawBufferPointer($0)) != nil }
  }

  @Test("is literal text anywhere in a line, in its own case")
  func literal() throws {
    #expect(try found("timeout expired", in: "x: timeout expired (5 s)"))
    #expect(try !found("timeout expired", in: "x: Timeout expired"))
    #expect(try found("cost is {} of [x]*", in: "the cost is {} of [x]*"))
  }

  @Test("has holes of at least one character, the last of which takes the rest of the line")
  func holes() throws {
    let pattern = "user \"{user}\", database {db}"
    #expect(try found(pattern, in: "user \"a\", database b"))
    #expect(try !found(pattern, in: "user \"\", database b"))
    #expect(try !found(pattern, in: "user \"a\", database "))
    #expect(try found("{anything}timeout expired", in: "a timeout expired"))
    #expect(try !found("{anything}timeout expired", in: "timeout expired"))
    #expect(try found("{anything}timeout expired", in: "timeout expired, timeout expired"))
  }

  @Test("finds a place where all of it fits, whatever comes before")
  func laterPlace() throws {
    let pattern = "role \"{role}\" is not a member of {group} here"
    #expect(try found(pattern, in: "role \"a, role \"b\" is not a member of c here"))
    #expect(try found(pattern, in: "role \"b\" is not a member of here, is not a member of x here"))
    #expect(try !found(pattern, in: "is not a member of c here role \"a\""))
  }

  @Test("can have a hole that is not one certain text")
  func exceptions() throws {
    let pattern = "audience is {aud!https://a}, expected"
    #expect(try found(pattern, in: "audience is https://b, expected"))
    #expect(try found(pattern, in: "audience is https://a/b, expected"))
    #expect(try !found(pattern, in: "audience is https://a, expected"))
    #expect(try found(pattern, in: "audience is https://a, expected; audience is c, expected"))
    #expect(try !found("the user is {user!root}", in: "the user is root"))
    #expect(try found("the user is {user!root}", in: "the user is rooty"))
  }

  @Test("takes time in proportion to a hostile line, not to its square")
  func hostileLine() throws {
    let line = String(repeating: "user \"x\", database ", count: 10_000)
    let start = ContinuousClock.now
    #expect(try !found("user \"{user!x}\", database {db!y} and {more} there", in: line))
    let time = start.duration(to: .now)
    #expect(time < .seconds(5))
  }

  @Test("braces that hold no word are braces")
  func braces() throws {
    let pattern = try MessagePattern("json {\"a\": 1} {B} {x")
    #expect(pattern.literalCharacters == 20)
  }
}
