public import AccessModel
internal import Files
public import FoundationEssentials
internal import Glibc

/// The sign-ins of IAM Identity Center that the AWS tools keep: when the one of a profile ends.
///
/// The files are the AWS CLI's, `~/.aws/sso/cache/*.json` with `startUrl`, `accessToken` and `expiresAt`; tokens are not looked
/// at. https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sso.html
public struct SSOSignIn: Sendable, Hashable {
  /// When the last sign-in ended or ends; nil when there is none.
  public let end: Date?

  /// A sign-in has some 3 KB.
  private static let sizeLimit = 1 << 20

  private struct Entry: Decodable {
    let startUrl: String?
    let accessToken: String?
    let expiresAt: String?
  }

  /// Reads the kept sign-ins of one start page, or of all.
  public init(startURL: String?, environment: Environment) {
    guard let folder = environment["HOME"].map({ "\($0)/.aws/sso/cache" }),
      let names = try? FileManager.default.contentsOfDirectory(atPath: folder)
    else {
      end = nil
      return
    }
    let entries = names.filter { $0.hasSuffix(".json") }.compactMap { name in
      (try? RegularFile.read("\(folder)/\(name)", limit: Self.sizeLimit)).flatMap {
        try? JSONDecoder().decode(Entry.self, from: Data($0.bytes))
      }
    }
    end = entries.filter { $0.accessToken != nil && (startURL == nil || $0.startUrl == startURL) }
      .compactMap { $0.expiresAt.flatMap { ISO8601.date($0.replacing("UTC", with: "Z")) } }.max()
  }
}
