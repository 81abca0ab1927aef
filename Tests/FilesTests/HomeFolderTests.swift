import Glibc
import Testing

@testable import Files

@Suite("The home folder")
struct HomeFolderTests {
  @Test("HOME says it")
  func variable() { #expect(HomeFolder.path("/home/app") == "/home/app") }

  @Test("without HOME, or with an empty one, the password database does", arguments: [nil, ""])
  func database(variable: String?) {
    let folder = getpwuid(getuid()).map { String(cString: $0.pointee.pw_dir) }
    #expect(HomeFolder.path(variable) == folder)
  }
}
