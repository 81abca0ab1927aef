public import AccessModel
internal import Files

/// Whether a target file may decide where a token is sent, and which certificates prove that it goes there.
///
/// One that was found in the working folder was chosen by whoever could put it there, so it has to be safe as ssh wants a
/// user's files to be (StrictModes, https://man.openbsd.org/sshd_config#StrictModes). One that was named was chosen by
/// the user, and only may not be everybody's.
enum TargetFileTrust {
  /// Reads the file if it may be trusted; nil when there is none.
  ///
  /// - Throws: ``UnreadableFile`` or ``UntrustedTargetFile``.
  static func read(_ path: String, isFound: Bool) throws -> String? {
    var text: String?
    var doubt: String?
    do throws(FileFailure) {
      let file = try RegularFile.read(path, limit: RegularFile.configurationLimit)
      doubt = try reason(path, file.status, isFound: isFound)
      text = file.text
      if text == nil { throw .notText }
    } catch {
      if error.isMissing { return nil }
      throw UnreadableFile(path: path, reason: error.description)
    }
    if let doubt { throw UntrustedTargetFile(path: path, reason: doubt, isFound: isFound) }
    return text
  }

  private static func reason(
    _ path: String, _ status: FileStatus, isFound: Bool
  ) throws(FileFailure) -> String? {
    let mode = String(status.permissions, radix: 8)
    guard isFound else {
      return status.everybodyMayWrite ? "everybody may write it (mode \(mode))" : nil
    }
    if status.othersMayWrite { return "others than its owner may write it (mode \(mode))" }
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let place = try FileStatus(path: folder.isEmpty ? "/" : folder, followsLink: true)
    for status in [status, try FileStatus(path: path, followsLink: false), place]
    where !status.belongsToUsOrRoot {
      return "its owner, or its folder's, is another user (uid \(status.owner))"
    }
    guard !place.othersMayWrite || place.isSticky else {
      return "others may write to its folder (mode \(String(place.permissions, radix: 8)))"
    }
    return nil
  }
}

/// A target file that somebody else may have written.
public struct UntrustedTargetFile: ConfigurationError, Hashable {
  public let path, reason: String
  public let isFound: Bool

  public var description: String {
    let cure =
      isFound
      ? "run chmod go-w on it and its folder, or, if you trust it as it is, name it with --config"
      : "look at what it says, then run chmod o-w on it"
    return "\(path.escapedForDisplay) is not read: \(reason), and it decides where a token is sent; \(cure)"
  }
}
