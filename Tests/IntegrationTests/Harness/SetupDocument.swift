import Foundation

/// `setup`'s JSON, as far as the tests read it.
struct SetupDocument: Decodable {
  struct Change: Decodable {
    var step, kind, object, sql: String
    var from, to: String?
  }

  struct Missing: Decodable {
    var statement, runBy, why, runner: String
    var isRole: Bool
  }

  struct Skipped: Decodable {
    var kind, object, reason: String
    var fix: String?
  }

  struct OwnerRights: Decodable {
    var kind, object, oldOwner, means: String
    var gains, gainers: [String]
    var moved: Bool
  }

  struct Loss: Decodable {
    var kind, role, message: String
    var fix: String?
    var objects: [String]
  }

  struct Code: Decodable { var routine, owner, relation, attachments: String }

  struct Promise: Decodable { var id, status, message: String }

  struct Outcome: Decodable {
    struct Left: Decodable {
      var kind, object, reason: String
      /// Positions in the outcome's `blockers`.
      var blockers: [Int]
    }
    struct Blocker: Decodable {
      var pid: Int?
      var prepared: String?
      var user, application, state: String
      var since: String?
    }
    var done, total: Int
    var interrupted: Bool
    var left: [Left]
    var blockers: [Blocker]
    var notices: [String]
  }

  var schemaVersion: Int
  var blocked: Bool
  var changes: [Change]
  var guards: [Promise]
  var missing: [Missing]
  var skipped: [Skipped]
  var notes: [String]
  var ownerRights: [OwnerRights]
  var losses: [Loss]
  var foreignCode: [Code]
  var result: Outcome?

  init(_ result: ChildProcess.Result) throws {
    self = try JSONDecoder().decode(Self.self, from: Data(result.stdout.utf8))
  }
}
