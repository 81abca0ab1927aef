internal import Glibc

/// The user's home folder, as libpq and the AWS SDKs find it.
public enum HomeFolder {
  /// `HOME`, or, where that is not set (cron, systemd, `env -i`), what the password database says; nil when nobody knows.
  ///
  /// As in libpq's `pqGetHomeDirectory` of fe-connect.c.
  ///
  /// - Parameter variable: the value of `HOME`; an empty one counts as not set.
  public static func path(_ variable: String?) -> String? {
    if let variable, !variable.isEmpty { return variable }
    // An entry has a handful of short texts; sysconf's own suggestion is 1 KB.
    var buffer = [CChar](repeating: 0, count: 16_384)
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    guard getpwuid_r(getuid(), &entry, &buffer, buffer.count, &found) == 0,
      let folder = found?.pointee.pw_dir, folder.pointee != 0
    else { return nil }
    return String(cString: folder)
  }
}
