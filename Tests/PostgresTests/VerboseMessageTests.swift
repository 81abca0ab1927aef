import Testing

@testable import Postgres

@Suite("libpq's verbose message about a failed connection")
struct VerboseMessageTests {
  private static let head = #"connection to server at "db.example.com" (10.0.1.17), port 5432 failed: "#

  @Test("one error gives its SQLSTATE and the message as it is by default")
  func one() {
    let message = VerboseMessage(
      """
      \(Self.head)FATAL:  28P01: password authentication failed for user "app"
      LOCATION:  auth_failed, auth.c:326

      """)
    #expect(message.sqlstate == "28P01")
    #expect(message.text == #"\#(Self.head)FATAL:  password authentication failed for user "app""#)
  }

  @Test("of prefer's two errors the first one's SQLSTATE counts, and both are shown")
  func two() {
    let message = VerboseMessage(
      """
      \(Self.head)FATAL:  28000: PAM authentication failed for user "app"
      LOCATION:  auth_failed, auth.c:326
      \(Self.head)FATAL:  28P01: no entry for "app", no encryption
      LOCATION:  ClientAuthentication, auth.c:543

      """)
    #expect(message.sqlstate == "28000")
    #expect(
      message.text == """
        \(Self.head)FATAL:  PAM authentication failed for user "app"
        \(Self.head)FATAL:  no entry for "app", no encryption
        """)
  }

  @Test(
    "libpq's own words have no SQLSTATE",
    arguments: [
      "Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?",
      "server does not support SSL, but SSL was required", "SSL error: certificate verify failed",
      "timeout expired", "fe_sendauth: no password supplied",
    ])
  func own(words: String) {
    let message = VerboseMessage("\(Self.head)\(words)\n")
    #expect(message.sqlstate == nil)
    #expect(message.text == Self.head + words)
  }

  @Test("an error of libpq's own before a server's leaves the server's SQLSTATE")
  func mixed() {
    let message = VerboseMessage(
      """
      \(Self.head)SSL error: certificate verify failed
      \(Self.head)FATAL:  28000: pg_hba.conf rejects connection
      LOCATION:  ClientAuthentication, auth.c:466
      """)
    #expect(message.sqlstate == "28000")
    #expect(message.text.contains("certificate verify failed"))
    #expect(!message.text.contains("LOCATION"))
  }

  @Test("details and hints stay")
  func details() {
    let message = VerboseMessage(
      """
      \(Self.head)FATAL:  55000: database "template0" is not currently accepting connections
      DETAIL:  Cannot connect.
      HINT:  Choose another.
      LOCATION:  CheckMyDatabase, postinit.c:359
      """)
    #expect(message.text.hasSuffix("DETAIL:  Cannot connect.\nHINT:  Choose another."))
  }

  @Test("an error without a SQLSTATE, as old servers and poolers send it, stays as it is")
  func withoutState() {
    for text in ["FATAL:  no such user: app", "FATAL:  abcde: no", "FATAL:  28P0", "FATAL:  28P01 no colon"] {
      let message = VerboseMessage(Self.head + text)
      #expect(message.sqlstate == nil)
      #expect(message.text == Self.head + text)
    }
  }

  @Test("PANIC and ERROR have SQLSTATEs as well", arguments: ["ERROR", "PANIC"])
  func severities(severity: String) {
    #expect(VerboseMessage("\(severity):  XX000: out").sqlstate == "XX000")
  }

  @Test("nothing is nothing")
  func nothing() {
    let message = VerboseMessage("")
    #expect(message.sqlstate == nil && message.text == "")
  }
}

@Suite("The phases of a connection")
struct ConnectionTimelineTests {
  private static let start = ContinuousClock.now

  private static func timeline(_ ends: KeyValuePairs<ConnectionTimeline.Phase, Int>) -> ConnectionTimeline {
    var timeline = ConnectionTimeline(at: start)
    for (phase, milliseconds) in ends { timeline.end(phase, at: start + .milliseconds(milliseconds)) }
    return timeline
  }

  @Test("each begins where the one before ends, so that their sum is the whole")
  func sum() {
    let timeline = Self.timeline([
      .tcp: 40, .tlsRequest: 80, .tls: 170, .startup: 215, .authentication: 300, .ready: 301,
    ])
    #expect(timeline.phases.map(\.duration).reduce(.zero, +) == timeline.total)
    #expect(timeline.total == .milliseconds(301))
    #expect(timeline[.tls] == .milliseconds(90))
  }

  @Test("the current one is that after the last that ended")
  func current() {
    #expect(Self.timeline([:]).current == .tcp)
    #expect(Self.timeline([.tcp: 1]).current == .tlsRequest)
    #expect(Self.timeline([.tcp: 1, .startup: 2]).current == .authentication)
    #expect(Self.timeline([.ready: 2]).current == .ready)
  }

  @Test("one that was not needed is missing")
  func missing() {
    let timeline = Self.timeline([.tcp: 1, .startup: 3])
    #expect(timeline[.tls] == nil)
    #expect(timeline[.startup] == .milliseconds(2))
  }

  @Test("each ends once")
  func once() {
    let timeline = Self.timeline([.tcp: 1, .startup: 3, .tcp: 9])
    #expect(timeline.phases.map(\.phase) == [.tcp, .startup])
    #expect(timeline.total == .milliseconds(3))
  }
}
