internal import CLibPQ

/// The libpq that this process runs with.
public enum LibPQ {
  /// `PQlibVersion()`, for example 150018.
  public static var versionNumber: Int { Int(PQlibVersion()) }

  /// `15.18`
  public static var version: String { "\(versionNumber / 10_000).\(versionNumber % 10_000)" }
}
