internal import AccessModel
internal import DNS
internal import Identity

/// The host that a token is signed for, checked against what the service will accept.
struct TokenEndpoint {
  /// Whose token it is to be.
  enum Service: String {
    case rds
    case dsql
  }

  let host: HostName
  let region: RegionChoice
  /// What the user should know although the token can be made.
  private(set) var notes: [String] = []

  /// An alias is followed to the endpoint that it leads to, and that is signed for.
  ///
  /// - Parameter nameServer: asked instead of the system's.
  /// - Throws: ``MissingOption``, ``HostNameError``, ``UnsignableHost``, or what choosing the region throws.
  nonisolated(nonsending) init(
    host flag: String?, service: Service, aws: AWSOptions, environment: Environment,
    nameServer: NameServer? = nil
  ) async throws {
    guard let text = flag ?? environment["PGHOST"] else {
      throw MissingOption(what: "the database's endpoint", flag: "-h/--host", variable: "PGHOST")
    }
    let given = try HostName(text)
    let target = await EndpointAlias.endpoint(behind: given, nameServer)
    host = target ?? given
    if let target {
      notes.append(
        """
        note: \(given) is an alias of \(target), and the token is signed for that; connect with host=\(target) (and the \
        alias's address as hostaddr, if you like), so that verify-full passes, too
        """)
    }
    guard host.form == .name else {
      throw UnsignableHost(host: host, problem: .notAName)
    }
    let endpoint = DatabaseEndpoint(host)
    if let endpoint, (endpoint.kind == .dsql) != (service == .dsql) {
      throw UnsignableHost(host: host, problem: .otherService(endpoint.kind == .dsql ? .dsql : .rds))
    }
    region = try aws.region(for: host, environment: environment)
    if endpoint == nil, !region.isExplicit {
      throw UnsignableHost(host: host, problem: .aliasWithoutRegion(region))
    }
    if host.hadTrailingDot {
      notes.append("note: signed for \(host), without the trailing dot, as AWS knows the endpoint")
    }
    if endpoint == nil {
      notes.append(
        """
        warning: \(host) is not \(service == .dsql ? "a DSQL" : "an RDS") endpoint's own name. If it is an alias \
        (CNAME) of one, AWS will refuse this token; pass the name that it points to: dig +short CNAME \(host)
        """)
    }
  }

  /// Says the notes on stderr.
  func printNotes() {
    for note in notes { Terminal.writeNote(note) }
  }

  /// The port from the flag, `PGPORT` or the engine.
  static func port(flag: String?, environment: Environment, engine: DatabaseEngine) throws -> Int {
    guard let text = flag ?? environment["PGPORT"] else { return engine.defaultPort }
    guard let port = Int(text), 1...65_535 ~= port else {
      throw InvalidPort(text: text, source: flag == nil ? "PGPORT" : "-p/--port")
    }
    return port
  }
}

/// Something that is neither on the command line nor in the environment.
struct MissingOption: ConfigurationError {
  let what, flag, variable: String

  var description: String { "\(what) is not given; pass \(flag) or set \(variable)" }
}

/// A port that is none.
struct InvalidPort: ConfigurationError {
  let text, source: String

  /// Of a URI without the “@” after its password, what stands where the port would be is the password: only numbers are shown.
  var description: String {
    let isNumber = !text.isEmpty && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    return "\(source) is \(isNumber ? "\(text), which" : "a text that") is not a port (1 to 65535)"
  }
}

/// A host that no token can be signed for.
struct UnsignableHost: ConfigurationError {
  enum Problem {
    case notAName
    case otherService(TokenEndpoint.Service)
    case aliasWithoutRegion(RegionChoice)
  }

  let host: HostName
  let problem: Problem

  var description: String {
    switch problem {
    case .notAName:
      """
      \(host) is not an endpoint's name, and a token is signed for the name: AWS refuses one for an address, a tunnel \
      or a socket. Pass the endpoint's own name to -h; to connect through a tunnel, give libpq that name as host and \
      the tunnel's address as hostaddr.
      """
    case .otherService(let service):
      "\(host) is \(service == .dsql ? "an Aurora DSQL" : "an RDS") endpoint; use: dbauth-admin token \(service.rawValue)"
    case .aliasWithoutRegion(let choice):
      """
      \(host) is not the name of an AWS database endpoint, and the region would be a guess (\(choice.region), from \
      \(choice.source)). A token is signed for the endpoint's own name: pass that, or, to sign for \(host) all the \
      same, say the region with --region or AWS_REGION.
      """
    }
  }
}
