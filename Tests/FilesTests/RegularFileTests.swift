import Glibc
import Testing

@testable import Files

@Suite("A file that is read")
struct RegularFileTests {
  @Test("is read whole, and only up to its limit")
  func whole() throws {
    try TemporaryFolder.use { folder in
      let path = try folder.write("some text", to: "file")
      #expect(try RegularFile.text(path) == "some text")
      #expect(throws: FileFailure.tooLarge(limit: 8)) { try RegularFile.read(path, limit: 8) }
      #expect(try RegularFile.text(folder.path + "/none") == nil)
    }
  }

  @Test("is no pipe, device, folder or socket, and nobody waits for one")
  func notRegular() throws {
    try TemporaryFolder.use { folder in
      let pipe = folder.path + "/pipe"
      #expect(mkfifo(pipe, 0o600) == 0)
      for (path, kind) in [(pipe, FileKind.pipe), ("/dev/zero", .device), (folder.path, .folder)] {
        #expect(throws: FileFailure.notRegular(kind)) { try RegularFile.text(path) }
      }
    }
  }

  @Test("is empty where somebody names /dev/null instead of one")
  func nullDevice() throws {
    #expect(try RegularFile.text("/dev/null") == "")
  }

  @Test("of a size that nobody has memory for is refused before it is read")
  func huge() throws {
    try TemporaryFolder.use { folder in
      let path = try folder.write("", to: "sparse")
      #expect(truncate(path, 1 << 40) == 0)
      #expect(throws: FileFailure.tooLarge(limit: RegularFile.configurationLimit)) {
        try RegularFile.text(path)
      }
    }
  }

  @Test("is UTF-8 text where text is meant")
  func text() throws {
    try TemporaryFolder.use { folder in
      let path = try folder.write([0x66, 0xFF], to: "latin")
      #expect(throws: FileFailure.notText) { try RegularFile.text(path) }
    }
  }
}
