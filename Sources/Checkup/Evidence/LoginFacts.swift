public import FoundationEssentials
public import Identity
public import Postgres
public import Signing

/// What came of asking for AWS credentials.
public enum CredentialFacts: Sendable, Hashable {
  /// Found, with the trail of who was asked.
  case found(source: String, suffix: String, isTemporary: Bool, expiration: Date?, trail: CredentialTrail)
  case none(CredentialTrail)
  /// Half of a pair: what the source says of it.
  case partial(message: String)
  case expired(message: String)
  /// The profile's sign-in at IAM Identity Center is over, or never was.
  case signInEnded(message: String, profile: String)
  case failed(message: String)
}

/// The token that the login uses, made here or given.
public struct TokenFacts: Sendable, Hashable {
  /// Host, user and region that it is for, its length and age, as lines of evidence. Never the token.
  public var evidence: [EvidenceItem]
  public var faults: [TokenFault]
  public var length: Int
  public var isGiven: Bool
  /// The host that it names, nil when it is no token.
  public var host: String?

  public init(
    evidence: [EvidenceItem] = [], faults: [TokenFault] = [], length: Int, isGiven: Bool, host: String? = nil
  ) {
    self.evidence = evidence
    self.faults = faults
    self.length = length
    self.isGiven = isGiven
    self.host = host
  }
}

/// What came of logging in.
public struct LoginFacts: Sendable, Hashable {
  public enum Credential: Sendable, Hashable {
    case token
    /// A password that is no token.
    case password
  }

  public var credential: Credential
  public var isEncrypted: Bool
  public var succeeded: Bool
  public var sqlstate: String?
  /// The server's, or libpq's, words.
  public var message: String
  /// The phase in which it failed.
  public var phase: ConnectionTimeline.Phase?
  /// How long that phase had lasted.
  public var phaseDuration: Duration
  public var timedOut: Bool
  /// How often the login was tried, and how often it worked; nil when once was enough to know.
  public var attempts: Attempts?

  public struct Attempts: Sendable, Hashable {
    public var made: Int
    public var succeeded: Int

    public init(made: Int, succeeded: Int) {
      self.made = made
      self.succeeded = succeeded
    }
  }

  public init(
    credential: Credential, isEncrypted: Bool = true, succeeded: Bool, sqlstate: String? = nil,
    message: String = "",
    phase: ConnectionTimeline.Phase? = nil, phaseDuration: Duration = .zero, timedOut: Bool = false
  ) {
    self.credential = credential
    self.isEncrypted = isEncrypted
    self.succeeded = succeeded
    self.sqlstate = sqlstate
    self.message = message
    self.phase = phase
    self.phaseDuration = phaseDuration
    self.timedOut = timedOut
  }
}

/// What the database says of the login's role, asked on its own session.
public struct RoleFacts: Sendable, Hashable {
  public var serverVersion: Int
  public var isInRecovery: Bool
  public var isSuperuser: Bool
  /// `pg_roles.rolvaliduntil`, if it is a moment and not infinity.
  public var validUntil: Date?
  /// The paths of memberships by which it is in `rds_iam`, `a → b → rds_iam`.
  public var iamPaths: [[String]]
  public var isInActiveDirectoryRole: Bool
  /// Tables, views and sequences outside the system's schemas.
  public var objects: Int
  /// Those of them that it cannot read.
  public var unreadable: Int
  /// An example of one that it cannot read.
  public var unreadableExample: String?
  /// Those that it, and the roles whose rights it has, do not own.
  public var foreign: Int
  /// Schemas of its search path that it may not use.
  public var closedSchemas: [String]
  /// The server's clock minus this machine's.
  public var clockOffset: Duration?

  public init(
    serverVersion: Int, isInRecovery: Bool = false, isSuperuser: Bool = false, validUntil: Date? = nil,
    iamPaths: [[String]] = [], isInActiveDirectoryRole: Bool = false, objects: Int = 0, unreadable: Int = 0,
    unreadableExample: String? = nil, foreign: Int = 0, closedSchemas: [String] = [],
    clockOffset: Duration? = nil
  ) {
    self.serverVersion = serverVersion
    self.isInRecovery = isInRecovery
    self.isSuperuser = isSuperuser
    self.validUntil = validUntil
    self.iamPaths = iamPaths
    self.isInActiveDirectoryRole = isInActiveDirectoryRole
    self.objects = objects
    self.unreadable = unreadable
    self.unreadableExample = unreadableExample
    self.foreign = foreign
    self.closedSchemas = closedSchemas
    self.clockOffset = clockOffset
  }
}

/// What an administrator's connection (`--admin`) tells.
public struct AdministrationFacts: Sendable, Hashable {
  /// A role as `pg_roles` has it.
  public struct Role: Sendable, Hashable {
    public var name: String
    public var canLogIn: Bool
    public var isSuperuser: Bool
    public var connectionLimit: Int
    /// Whether VALID UNTIL has passed by the server's clock.
    public var hasExpired: Bool
    /// Nil when the administrator may not see it.
    public var hasPassword: Bool?
    /// The paths of memberships by which it is in `rds_iam`.
    public var iamPaths: [[String]]
    public var isInActiveDirectoryRole: Bool
    /// CREATEROLE, or a member of rds_superuser: the master, or one like it.
    public var isAdministrator = false

    public init(
      name: String, canLogIn: Bool = true, isSuperuser: Bool = false, connectionLimit: Int = -1,
      hasExpired: Bool = false, hasPassword: Bool? = nil, iamPaths: [[String]] = [],
      isInActiveDirectoryRole: Bool = false
    ) {
      self.name = name
      self.canLogIn = canLogIn
      self.isSuperuser = isSuperuser
      self.connectionLimit = connectionLimit
      self.hasExpired = hasExpired
      self.hasPassword = hasPassword
      self.iamPaths = iamPaths
      self.isInActiveDirectoryRole = isInActiveDirectoryRole
    }
  }

  /// Why the administrator could not log in, nil when it could.
  public var failure: LoginFacts?
  public var user: String
  /// The login's role, nil when there is no such role.
  public var role: Role?
  /// Roles that differ from the login's name in case only.
  public var similar: [String]
  /// Whether `rds_iam` exists.
  public var hasIAMRole: Bool
  /// The first line of `pg_hba_file_rules` that is for this user, database, address and TLS state; nil when it cannot be read.
  public var rule: String?
  /// Paths by which the administrator is itself in `rds_iam`.
  public var ownIAMPaths: [[String]]
  /// The server's clock minus this machine's.
  public var clockOffset: Duration?

  public init(
    failure: LoginFacts? = nil, user: String, role: Role? = nil, similar: [String] = [],
    hasIAMRole: Bool = true,
    rule: String? = nil, ownIAMPaths: [[String]] = [], clockOffset: Duration? = nil
  ) {
    self.failure = failure
    self.user = user
    self.role = role
    self.similar = similar
    self.hasIAMRole = hasIAMRole
    self.rule = rule
    self.ownIAMPaths = ownIAMPaths
    self.clockOffset = clockOffset
  }
}

/// How long connecting takes.
public struct TimingFacts: Sendable, Hashable {
  /// The phases of every sample, DNS included.
  public var samples: [[PhaseSample]]
  /// One round trip to the server, as TCP measured it.
  public var roundTrip: Duration?
  /// The same for password logins, with `--compare-password`.
  public var password: [[PhaseSample]]
  /// Budgets that were exceeded: the phase, what was allowed and the median.
  public var overspent: [(phase: ConnectionPhase, allowed: Duration, median: Duration)] {
    budgets.compactMap { phase, allowed in
      guard let median = median(phase), median > allowed else { return nil }
      return (phase, allowed, median)
    }.sorted { $0.median > $1.median }
  }
  public var budgets: [ConnectionPhase: Duration]
  /// How long TCP and TLS took with an SSLRequest and without, one after the other; nil when it was not compared.
  public var negotiation: (postgres: Duration, direct: Duration)? {
    get { comparedNegotiation.map { ($0[0], $0[1]) } }
    set { comparedNegotiation = newValue.map { [$0.postgres, $0.direct] } }
  }
  private var comparedNegotiation: [Duration]?
  /// How many round trips each phase takes by the protocol; server-side work comes on top.
  public var expectedRoundTrips: [ConnectionPhase: Int] = [:]

  public init(
    samples: [[PhaseSample]], roundTrip: Duration? = nil, password: [[PhaseSample]] = [],
    budgets: [ConnectionPhase: Duration] = [:]
  ) {
    self.samples = samples
    self.roundTrip = roundTrip
    self.password = password
    self.budgets = budgets
  }

  /// The median of a phase over all samples, nil when none had it.
  public func median(_ phase: ConnectionPhase) -> Duration? { Self.median(phase, of: samples) }

  /// The median of a phase over the given samples.
  public static func median(_ phase: ConnectionPhase, of samples: [[PhaseSample]]) -> Duration? {
    let durations = samples.compactMap { sample in sample.first { $0.phase == phase }?.duration }.sorted()
    return durations.isEmpty ? nil : durations[durations.count / 2]
  }
}

/// One phase of one sample.
public struct PhaseSample: Sendable, Hashable {
  public var phase: ConnectionPhase
  public var duration: Duration

  public init(_ phase: ConnectionPhase, _ duration: Duration) {
    self.phase = phase
    self.duration = duration
  }
}
