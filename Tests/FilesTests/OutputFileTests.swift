import Glibc
import Testing

@testable import Files

@Suite("A file that is written")
struct OutputFileTests {
  /// Somebody who is neither this user nor root; only root can give files away.
  private static let stranger: uid_t = 65_534

  @Test("is made with the mode that the umask leaves, and replaced when it is ours")
  func made() throws {
    try TemporaryFolder.use { folder in
      let path = folder.path + "/report"
      try OutputFile(path).write("a longer text")
      try OutputFile(path).write("short")
      #expect(try RegularFile.text(path) == "short")
      let mask = umask(0)
      umask(mask)
      #expect(try FileStatus(path: path, followsLink: false).permissions == 0o666 & ~UInt32(mask))
    }
  }

  @Test("keeps what it says until there is something to say instead")
  func untouched() throws {
    try TemporaryFolder.use { folder in
      let path = try folder.write("before", to: "report")
      let file = try OutputFile(path)
      #expect(try RegularFile.text(path) == "before")
      try file.write("after")
      #expect(try RegularFile.text(path) == "after")
    }
  }

  @Test("may be reached over links of our own")
  func ownLink() throws {
    try TemporaryFolder.use { folder in
      #expect(mkdir(folder.path + "/reports", 0o700) == 0)
      #expect(symlink("reports", folder.path + "/latest") == 0)
      #expect(symlink("today.json", folder.path + "/reports/link") == 0)
      try OutputFile(folder.path + "/latest/link").write("text")
      #expect(try RegularFile.text(folder.path + "/reports/today.json") == "text")
    }
  }

  @Test("is never one that links go round in circles to")
  func circle() throws {
    try TemporaryFolder.use { folder in
      #expect(symlink("b", folder.path + "/a") == 0)
      #expect(symlink("a", folder.path + "/b") == 0)
      #expect(throws: FileFailure.system(ELOOP)) { try OutputFile(folder.path + "/a") }
    }
  }

  @Test("is never a second name of another file")
  func hardLink() throws {
    try TemporaryFolder.use { folder in
      let precious = try folder.write("precious", to: "precious")
      #expect(link(precious, folder.path + "/report") == 0)
      #expect(throws: FileFailure.hardLinked) { try OutputFile(folder.path + "/report") }
      #expect(try RegularFile.text(precious) == "precious")
    }
  }

  @Test("is no folder, and no pipe that nobody reads")
  func otherKinds() throws {
    try TemporaryFolder.use { folder in
      #expect(throws: FileFailure.system(EISDIR)) { try OutputFile(folder.path) }
      #expect(throws: FileFailure.system(EISDIR)) { try OutputFile(folder.path + "/") }
      #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
      #expect(throws: FileFailure.system(ENXIO)) { try OutputFile(folder.path + "/pipe") }
    }
  }

  @Test("may be a device, and is an open descriptor where its name says so")
  func devices() throws {
    try OutputFile("/dev/null").write("text")
    #expect(throws: FileFailure.system(ENOSPC)) { try OutputFile("/dev/full").write("text") }
    try TemporaryFolder.use { folder in
      let path = try folder.write("first ", to: "log")
      let descriptor = open(path, O_WRONLY | O_APPEND)
      try OutputFile("/dev/fd/\(descriptor)").write("second")
      #expect(close(descriptor) == 0)
      #expect(try RegularFile.text(path) == "first second")
    }
  }

  @Test("is not one that somebody else has put there", .enabled(if: geteuid() == 0))
  func planted() throws {
    try TemporaryFolder.use { folder in
      #expect(chmod(folder.path, 0o1777) == 0)
      let precious = try folder.write("precious", to: "precious")
      #expect(symlink("precious", folder.path + "/link") == 0)
      #expect(lchown(folder.path + "/link", Self.stranger, Self.stranger) == 0)
      #expect(symlink(".", folder.path + "/folder") == 0)
      #expect(lchown(folder.path + "/folder", Self.stranger, Self.stranger) == 0)
      for path in ["link", "folder/new"] {
        #expect { try OutputFile(folder.path + "/" + path) } throws: { error in
          if case FileFailure.untrustedLink(_, Self.stranger) = error { true } else { false }
        }
      }
      _ = try folder.write("", to: "file")
      #expect(mkfifo(folder.path + "/pipe", 0o666) == 0)
      for name in ["file", "pipe"] {
        let path = folder.path + "/" + name
        #expect(chown(path, Self.stranger, Self.stranger) == 0)
        let reader = name == "pipe" ? open(path, O_RDONLY | O_NONBLOCK) : -1
        #expect(throws: FileFailure.foreign(owner: Self.stranger)) { try OutputFile(path) }
        if reader >= 0 { close(reader) }
      }
      #expect(try RegularFile.text(precious) == "precious")
    }
  }
}
