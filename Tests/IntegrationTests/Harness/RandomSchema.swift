/// A schema with random owners, objects and privileges, and random changes to it, as scripts for psql.
///
/// The same scripts run in two databases: one that is moved and comes back, and its twin, which never moves.
struct RandomSchema {
  private var random: RepeatableRandom
  /// Who owns most of everything.
  let owner = "app old"
  private let owners = ["app old", "team.owner"]
  private let grantees = ["g1", "G \"2\"", "g3", "leaver", "PUBLIC"]
  private var tables: [String] = []
  private var others: [(kind: String, name: String)] = []

  init(seed: UInt64) { random = RepeatableRandom(seed: seed) }

  static func quoted(_ name: String) -> String {
    name == "PUBLIC" ? name : "\"\(name.replacing("\"", with: "\"\""))\""
  }

  private mutating func one<T>(_ choices: [T]) -> T {
    choices[Int.random(in: 0..<choices.count, using: &random)]
  }
  private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
  private mutating func role(_ choices: [String]) -> String { Self.quoted(one(choices)) }

  /// Roles are the server's, and made once.
  mutating func roles() -> String {
    var script = "CREATE ROLE \(Self.quoted(owner)) LOGIN;\nCREATE ROLE \"team.owner\" NOLOGIN;\n"
    for name in grantees where name != "PUBLIC" {
      script += "CREATE ROLE \(Self.quoted(name)) \(chance(50) ? "LOGIN" : "NOLOGIN");\n"
    }
    if chance(50) { script += "GRANT g1 TO g3;\n" }
    if chance(50) { script += "GRANT \"team.owner\" TO g1;\n" }
    return script
  }

  /// Objects and who may do what with them.
  mutating func objects() -> String {
    var script = """
      CREATE SCHEMA "S 1" AUTHORIZATION "app old";
      GRANT USAGE, CREATE ON SCHEMA public, "S 1" TO "app old", "team.owner";
      GRANT USAGE ON SCHEMA public, "S 1" TO \(grantees.map(Self.quoted).joined(separator: ", "));

      """
    for number in 0..<Int.random(in: 4...7, using: &random) {
      // Everything in public is the first owner's: what others create there has one owner to go to.
      let schema = number == 0 ? "public" : one(["public", "\"S 1\""])
      script += "SET ROLE \(schema == "public" || chance(50) ? Self.quoted(owner) : "\"team.owner\"");\n"
      let name = "\(schema).\"t\(number)\""
      switch Int.random(in: 0...2, using: &random) {
      case 0: script += "CREATE TABLE \(name) (a serial, b text, c integer);\n"
      case 1:
        script += "CREATE TABLE \(name) (a bigint GENERATED ALWAYS AS IDENTITY, b text, c integer);\n"
        script += "GRANT USAGE ON SEQUENCE \(schema).t\(number)_a_seq TO \(role(grantees));\n"
      default:
        script += """
          CREATE TABLE \(name) (a integer, b text, c integer) PARTITION BY LIST (a);
          CREATE TABLE \(schema)."t\(number)p" PARTITION OF \(name) DEFAULT;

          """
        tables.append("\(schema).\"t\(number)p\"")
      }
      tables.append(name)
      if chance(50) {
        script += "CREATE VIEW \(schema).\"v\(number)\" AS SELECT a, b, c FROM \(name);\n"
        tables.append("\(schema).\"v\(number)\"")
      }
      if chance(50) {
        script +=
          "CREATE FUNCTION \(schema).f\(number)(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';\n"
        others.append(("FUNCTION", "\(schema).f\(number)(integer)"))
      }
      if chance(40) {
        script += "CREATE TYPE \(schema).e\(number) AS ENUM ('x');\n"
        others.append(("TYPE", "\(schema).e\(number)"))
      }
      if chance(40) {
        script += "CREATE SEQUENCE \(schema).q\(number);\n"
        others.append(("SEQUENCE", "\(schema).q\(number)"))
      }
    }
    script += "RESET ROLE;\n"
    for _ in 0..<14 { script += grant(by: ["g1", "G \"2\"", "g3"], to: grantees) }
    for _ in 0..<3 {
      script +=
        "ALTER DEFAULT PRIVILEGES FOR ROLE \"team.owner\" GRANT SELECT ON TABLES TO \(role(grantees));\n"
    }
    return script
  }

  private mutating func privileges(of kind: String) -> String {
    switch kind {
    case "TABLE":
      one([
        "SELECT", "INSERT", "UPDATE", "DELETE", "SELECT, UPDATE", "SELECT (a)", "UPDATE (b), SELECT (b)",
        "ALL",
      ])
    case "FUNCTION": "EXECUTE"
    case "SEQUENCE": one(["USAGE", "SELECT", "ALL"])
    default: "USAGE"
    }
  }

  private mutating func target() -> (kind: String, name: String) {
    others.isEmpty || chance(75) ? ("TABLE", one(tables)) : one(others)
  }

  /// By the owner, or by somebody who may have the grant option.
  private mutating func grant(by grantors: [String], to grantees: [String]) -> String {
    let (kind, name) = target()
    // What is dropped with its roles must not have been granted by others.
    let isOwners = chance(70)
    let grantee = isOwners ? one(grantees) : one(grantees.filter { $0 != "leaver" })
    let option = grantee != "PUBLIC" && grantee != "leaver" && chance(40) ? " WITH GRANT OPTION" : ""
    let statement = "GRANT \(privileges(of: kind)) ON \(kind) \(name) TO \(Self.quoted(grantee))\(option);\n"
    return isOwners ? statement : "SET ROLE \(role(grantors));\n\(statement)RESET ROLE;\n"
  }

  /// While the database is moved, members of an owner have other rights in it than in its twin, and grant nothing; and
  /// what is granted to a role that setup has granted everything leaves no trace.
  private mutating func grantMeanwhile(to grantees: [String]) -> String {
    grant(by: ["G \"2\""], to: grantees.filter { $0 != "g1" })
  }

  private mutating func revoke() -> String {
    let (kind, name) = target()
    let option = chance(25) ? "GRANT OPTION FOR " : ""
    let grantee = one(option.isEmpty ? grantees : grantees.filter { $0 != "PUBLIC" })
    return
      "REVOKE \(option)\(privileges(of: kind)) ON \(kind) \(name) FROM \(Self.quoted(grantee)) CASCADE;\n"
  }

  /// What others do while the database is moved. Statements may fail, in both databases alike.
  ///
  /// - Returns: a script for each database, and one for the server's roles. `NEW_OWNER` stands for who creates things.
  mutating func changes() -> (inEach: String, onServer: String) {
    var script = ""
    for _ in 0..<Int.random(in: 3...8, using: &random) {
      script += chance(55) ? grantMeanwhile(to: grantees) : revoke()
    }
    if chance(50) { script += "ALTER TABLE \(one(tables)) RENAME TO renamed;\n" }
    if chance(40) { script += "DROP TABLE IF EXISTS public.t1 CASCADE;\n" }
    if chance(50) {
      script +=
        "SET ROLE NEW_OWNER; CREATE TABLE public.added (a serial); CREATE VIEW public.seen AS SELECT 1 AS x; RESET ROLE;\n"
    }
    if chance(30) {
      script += "CREATE SCHEMA others; CREATE TABLE others.t (a integer); GRANT SELECT ON others.t TO g1;\n"
    }
    if chance(40) { script += "ALTER TABLE \(one(tables)) RENAME COLUMN c TO d;\n" }
    var server = ""
    if chance(40) {
      script += "DROP OWNED BY leaver;\n"
      server += "DROP ROLE leaver;\n"
    }
    if chance(50) { server += "ALTER ROLE g3 RENAME TO \"g three\";\n" }
    if chance(40) { server += "ALTER ROLE \"app old\" RENAME TO app_renamed;\n" }
    if chance(40) { server += "GRANT g1 TO \"G \"\"2\"\"\";\n" }
    return (script, server)
  }

  /// What others do after a revert has been killed.
  mutating func moreChanges() -> String {
    // It may be about to be dropped.
    let staying = grantees.filter { $0 != "leaver" }
    return (0..<Int.random(in: 1...4, using: &random)).map { _ in
      chance(55) ? grantMeanwhile(to: staying) : revoke()
    }.joined()
  }

  /// After how long a revert is killed, if it is.
  mutating func kill() -> Duration? {
    chance(40) ? .milliseconds(Int.random(in: 20...600, using: &random)) : nil
  }

  /// How the move is asked for.
  mutating func options() -> [String] {
    ["--iam-user", "iamuser", "--all-schemas"]
      + (chance(50) ? ["--keep-access", owner] : []) + (chance(30) ? ["--keep-access", "g1"] : [])
      + (chance(40) ? ["--include", "default-privileges"] : [])
      + (chance(60) ? ["--include", "owner-rights"] : [])
  }
}
