/// Something setup promises or needs, checked before anything runs.
public struct Guard: Sendable {
  public enum Status: String, Sendable {
    case pass, warn, fail
    /// It could not be checked.
    case unknown
  }

  public var id: String
  public var status: Status
  public var message: String
  public var fix: String?

  public init(_ id: String, _ status: Status, _ message: String, fix: String? = nil) {
    self.id = id
    self.status = status
    self.message = message
    self.fix = fix
  }
}

/// A statement that this login may not run and without which setup does not start.
public struct MissingCapability: Sendable, Equatable {
  /// As whom a statement runs.
  public enum Runner: Sendable, Equatable {
    case superuser
    /// On RDS, where nobody is a superuser.
    case rdsSuperuser
    /// A role that is named.
    case role(String)
  }

  public var statement: String
  /// Somebody who can certainly run it.
  public var runner: Runner
  /// Who can run it, for people.
  public var runBy: String
  public var why: String

  public init(statement: String, runner: Runner = .superuser, runBy: String, why: String) {
    self.statement = statement
    self.runner = runner
    self.runBy = runBy
    self.why = why
  }
}

/// An object that setup leaves alone.
public struct SkippedObject: Sendable {
  public var kind: String
  public var object: String
  public var reason: String
  /// A statement that would move it, and who can run it.
  public var fix: String?
}

/// What the change of owners costs in locks.
public struct LockEstimate: Sendable {
  public var total = 0
  public var perBatch = 0
  public var batches = 0
  public var capacity = 0
  public var held = 0
}

/// What setup will do to one database. `Apply` runs exactly this value.
public struct Plan: Sendable {
  public var server: ServerFacts
  public var host: String
  public var port: Int
  public var request: SetupRequest
  public var newOwner: String
  public var changes: [Change] = []
  public var guards: [Guard] = []
  public var missing: [MissingCapability] = []
  public var skipped: [SkippedObject] = []
  public var notes: [String] = []
  /// Who loses what; each is among the notes, too.
  public var losses: [Loss] = []
  /// Objects that act with their owner's privileges, and whom a change of owner gives more than before.
  public var powerChanges: [PowerChange] = []
  /// The IAM user does not become the owner role by itself: this login may not set that.
  public var loginRoleIsRefused = false
  /// Code of others that runs as whoever uses what moves.
  public var foreignCode: [CatalogSnapshot.AttachedCode] = []
  public var locks = LockEstimate()
  /// Memberships the operator borrows inside single transactions.
  public var loans: [MembershipLoan] = []
  /// Finds who would be locked out, for scripts.
  public var lockedOutQuery = ""
  /// Login roles that the server authenticated by IAM before setup began.
  public var iamMembersBefore: Set<String> = []

  public init(server: ServerFacts, host: String, port: Int, request: SetupRequest) {
    self.server = server
    self.host = host
    self.port = port
    self.request = request
    newOwner = request.newOwner(database: server.database)
  }

  /// Something has to be done elsewhere before a single change may be made.
  public var isBlocked: Bool { !missing.isEmpty || guards.contains { $0.status == .fail } }

  public func count(_ sign: Change.Sign) -> Int { changes.lazy.filter { $0.sign == sign }.count }
}
