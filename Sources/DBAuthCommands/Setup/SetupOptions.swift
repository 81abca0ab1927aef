internal import ArgumentParser
internal import Provisioning

/// How objects are owned afterwards.
enum OwnershipMode: String, ExpressibleByArgument, CaseIterable {
  case ownerRole = "owner-role"
  case direct
}

/// A kind of object that is moved on request.
struct IncludedKind: ExpressibleByArgument {
  var kind: ObjectKind

  init?(argument: String) {
    guard let kind = ObjectKind.onRequest.first(where: { $0.rawValue == argument }) else { return nil }
    self.kind = kind
  }

  static var allValueStrings: [String] { ObjectKind.onRequest.map(\.rawValue) }
}

/// A length of time on the command line, as PostgreSQL writes it: `500ms`, `2s`, `1min`; a bare number is
/// milliseconds.
struct TimeSpan: ExpressibleByArgument, CustomStringConvertible {
  var duration: Duration
  /// As it was written.
  let description: String

  init?(argument: String) {
    let digits = argument.prefix { $0.isNumber || $0 == "." }
    guard let number = Double(digits), number.isFinite, number >= 0 else { return nil }
    let scale: Double
    switch argument.dropFirst(digits.count) {
    case "", "ms": scale = 1
    case "s": scale = 1000
    case "min": scale = 60_000
    default: return nil
    }
    guard number * scale >= 1, number * scale <= 3_600_000 else { return nil }
    duration = .milliseconds(Int(number * scale))
    description = argument
  }
}

/// What to set up: shared by plan, apply and verify.
struct SetupOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The role that will log in with IAM tokens.", valueName: "name"))
  var iamUser: String

  @Option(help: ArgumentHelp("A schema whose objects move; repeatable. (default: public)", valueName: "name"))
  var schema: [String] = []

  @Flag(help: "Every schema but the system's and extensions'.")
  var allSchemas = false

  @Flag(help: "Every database of the server that this login may connect to.")
  var allDatabases = false

  @Option(
    help:
      "Who owns the objects: a NOLOGIN role that the IAM user is a member of (owner-role), or the IAM user itself (direct)."
  )
  var mode = OwnershipMode.ownerRole

  @Option(
    help: ArgumentHelp(
      "The owner role, which has to exist. (default: <database>_owner, created)", valueName: "name"))
  var ownerRole: String?

  @Flag(help: "Create the role that --owner-role names.")
  var createOwnerRole = false

  @Option(
    help: ArgumentHelp(
      "A role that goes on working through the move and after it; repeatable.", valueName: "role"))
  var keepAccess: [String] = []

  @Option(help: ArgumentHelp("Also move objects of this kind; repeatable.", valueName: "kind"))
  var include: [IncludedKind] = []

  @Option(help: ArgumentHelp("The role whose members the server authenticates by IAM.", valueName: "role"))
  var rdsIamRole = "rds_iam"

  @Flag(help: "Take an existing role as the IAM user, though a password it may have stops working.")
  var adoptIamUser = false

  @OptionGroup var locks: LockOptions

  var request: SetupRequest {
    var request = SetupRequest(iamUser: iamUser)
    request.mode =
      mode == .direct ? .direct : .ownerRole(name: ownerRole, mayCreate: ownerRole == nil || createOwnerRole)
    request.schemas = allSchemas ? .all : .named(schema.isEmpty ? ["public"] : schema)
    request.keepAccess = keepAccess
    request.included = Set(include.map(\.kind))
    request.rdsIAMRole = rdsIamRole
    request.adoptIAMUser = adoptIamUser
    request.spansDatabases = allDatabases && (mode == .direct || ownerRole != nil)
    locks.apply(to: &request)
    return request
  }

  func validate() throws {
    var kinds: Set<ObjectKind> = []
    if let twice = include.first(where: { !kinds.insert($0.kind).inserted }) {
      throw ValidationError("--include \(twice.kind.rawValue) is given twice.")
    }
    if allSchemas, !schema.isEmpty { throw ValidationError("--schema and --all-schemas exclude each other.") }
    if mode == .direct, ownerRole != nil || createOwnerRole {
      throw ValidationError(
        "--owner-role has no meaning with --mode direct: the IAM user itself becomes the owner.")
    }
    if createOwnerRole, ownerRole == nil {
      throw ValidationError(
        "--create-owner-role goes with --owner-role NAME; without it setup creates <database>_owner.")
    }
  }
}

/// How gently to treat the other sessions.
struct LockOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The longest that anybody else may wait for a lock (500ms, 2s, 1min).", valueName: "time"))
  var lockTimeout = TimeSpan(argument: "2s")!

  @Option(
    help: ArgumentHelp(
      "Locks one transaction may take. (default: two fifths of what is free)", valueName: "n"))
  var batchLocks: Int?

  func apply(to request: inout SetupRequest) {
    request.lockTimeout = lockTimeout.duration
    request.batchLocks = batchLocks
  }

  func validate() throws {
    if let batchLocks, batchLocks < 1 { throw ValidationError("--batch-locks has to be at least 1.") }
  }
}

/// How much is shown.
struct SetupDetailOptions: ParsableArguments {
  @Flag(help: "List every object, also where a step has more than 50 changes.")
  var verbose = false
}

/// How a plan is printed.
enum PlanFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json, sql
}
