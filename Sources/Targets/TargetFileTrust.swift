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
    var doubt: UntrustedTargetFile.Reason?
    do throws(FileFailure) {
      let file = try RegularFile.read(path, limit: RegularFile.configurationLimit)
      doubt = try reason(path, file.status, isFound: isFound)
      text = file.text
      if text == nil { throw .notText }
    } catch {
      if error.isMissing { return nil }
      throw UnreadableFile(path: path, reason: error.description)
    }
    if let doubt { throw UntrustedTargetFile(path: path, reason: doubt) }
    return text
  }

  private static func reason(
    _ path: String, _ status: FileStatus, isFound: Bool
  ) throws(FileFailure) -> UntrustedTargetFile.Reason? {
    let mode = String(status.permissions, radix: 8)
    guard isFound else { return status.everybodyMayWrite ? .everybodyMayWrite(mode: mode) : nil }
    if status.othersMayWrite { return .othersMayWrite(mode: mode) }
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let place = try FileStatus(path: folder.isEmpty ? "/" : folder, followsLink: true)
    for status in [status, try FileStatus(path: path, followsLink: false), place]
    where !status.belongsToUsOrRoot {
      return .foreign(owner: status.owner)
    }
    guard !place.othersMayWrite || place.isSticky else {
      return .openFolder(mode: String(place.permissions, radix: 8))
    }
    return nil
  }
}

/// A target file that somebody else may have written.
public struct UntrustedTargetFile: ConfigurationError, Hashable {
  enum Reason: Sendable, Hashable {
    /// Of a file that was named.
    case everybodyMayWrite(mode: String)
    case othersMayWrite(mode: String)
    case openFolder(mode: String)
    case foreign(owner: UInt32)
  }

  public let path: String
  let reason: Reason

  public var description: String {
    let (why, cure) =
      switch reason {
      case .everybodyMayWrite(let mode):
        ("everybody may write it (mode \(mode))", "look at what it says, then run chmod o-w on it")
      case .othersMayWrite(let mode): ("others than its owner may write it (mode \(mode))", Self.closing)
      case .openFolder(let mode): ("others may write to its folder (mode \(mode))", Self.closing)
      // As in a container whose workspace belongs to the user of the machine around it: no chmod helps there.
      case .foreign(let owner):
        (
          "its owner, or its folder's, is another user (uid \(owner))",
          "if you trust it, name it with --config, or make it and its folder yours with chown"
        )
      }
    return "\(path.escapedForDisplay) is not read: \(why), and it decides where a token is sent; \(cure)"
  }

  private static let closing =
    "run chmod go-w on it and its folder, or, if you trust it as it is, name it with --config"
}
