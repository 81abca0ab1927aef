public import AccessModel

/// The region that a token is signed for, and who said so.
///
/// A flag beats `AWS_REGION`, which beats `AWS_DEFAULT_REGION`; without any, the endpoint's own name tells, and then
/// the profile. The name stands before the profile because it is a fact about this database, where a profile's
/// region is a preference for API calls. What was said on purpose for this call and contradicts the name is an
/// error: such a token is always refused, with no word about the reason.
public struct RegionChoice: Hashable, Sendable {
  public let region: Region
  /// Who said so: `--region`, `AWS_REGION`, `the host's name`, `profile “x”`.
  public let source: String

  /// - Parameters:
  ///   - flag: the command line's region.
  ///   - profileRegion: asked only when nothing else tells, because the answer takes reading files.
  /// - Throws: ``RegionSettingError``, ``RegionContradiction`` or ``UnknownRegion``.
  public init(
    flag: String?, environment: Environment, host: HostName, profile: String,
    profileRegion: () throws -> Region?
  ) throws {
    let told = DatabaseEndpoint.regionHint(of: host)
    if let (source, text) = flag.map({ ("--region", $0) })
      ?? environment.first(of: "AWS_REGION", "AWS_DEFAULT_REGION").map({ ($0.name, $0.value) })
    {
      let region: Region
      do {
        region = try Region(text)
      } catch {
        throw RegionSettingError(source: source, error: error)
      }
      if let told, told != region {
        throw RegionContradiction(chosen: region, source: source, host: host, told: told)
      }
      (self.region, self.source) = (region, source)
    } else if let told {
      (region, source) = (told, "the host's name")
    } else if let region = try profileRegion() {
      (self.region, source) = (region, "profile “\(profile)”")
    } else {
      throw UnknownRegion(host: host)
    }
  }

  /// Whether it was said for this call, by a flag or in the environment.
  public var isExplicit: Bool { source == "--region" || source.hasPrefix("AWS_") }
}

/// The region that was asked for is not the one in the host's name.
public struct RegionContradiction: ConfigurationError, Hashable {
  public let chosen: Region
  public let source: String
  public let host: HostName
  public let told: Region

  public var description: String {
    let cure =
      source == "--region"
      ? "leave --region out, or correct the host"
      : "pass --region \(told), unset \(source), or correct the host"
    return """
      \(source) says \(chosen), but \(host) is in \(told). A token is only accepted in its own region: \(cure).
      """
  }
}

/// Nothing tells the region.
public struct UnknownRegion: ConfigurationError, Hashable {
  public let host: HostName

  public var description: String {
    switch DatabaseEndpoint(host)?.kind {
    case nil:
      """
      \(host) is not the name of an AWS database endpoint, so that it does not tell the region. A token is signed for \
      the endpoint's own name: pass that, or, to sign for \(host) all the same, say the region with --region or \
      AWS_REGION.
      """
    case .global?:
      """
      \(host) is a global database's endpoint, whose name does not tell the region of its present writer; give it \
      with --region or AWS_REGION
      """
    case _?:
      "the name \(host) does not tell the region; give it with --region or AWS_REGION"
    }
  }
}
