internal import Glibc

/// A folder of certificates as `openssl rehash` prepares it.
enum HashedFolder {
  /// The files that OpenSSL would find there, sorted: eight hexadecimal digits of the subject's hash, a dot and a
  /// number. Everything else in the folder is invisible to it.
  static func files(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if isHashName(name) { names.append("\(folder)/\(name)") }
    }
    return names.sorted()
  }

  private static func isHashName(_ name: String) -> Bool {
    let parts = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    let letters = UInt8(ascii: "a")...UInt8(ascii: "f")
    return parts.count == 2 && parts[0].count == 8 && !parts[1].isEmpty
      && parts[0].allSatisfy { digits ~= $0 || letters ~= $0 }
      && parts[1].allSatisfy { digits ~= $0 }
  }
}
