internal import CAres

/// The c-ares that this process runs with.
public enum DNSLibrary {
  /// For example `1.18.1`.
  public static var version: String { String(cString: ares_version(nil)) }
}
