import Glibc
import Testing

@testable import DNS

@Suite("A peer that has gone does not end the process")
struct BrokenPipeShieldTests {
  @Test("a write into a closed pipe is an error and no signal")
  func write() {
    var ends: [Int32] = [-1, -1]
    #expect(pipe(&ends) == 0)
    close(ends[0])
    defer { close(ends[1]) }
    var (count, code) = (0, Int32(0))
    BrokenPipeShield.run { (count, code) = (Glibc.write(ends[1], [0], 1), errno) }
    #expect(count == -1 && code == EPIPE)
  }
}
