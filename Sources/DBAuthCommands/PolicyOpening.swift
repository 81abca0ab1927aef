internal import AccessModel
internal import Policies

/// A part of a policy that lets in more than one user or database, in words.
struct PolicyOpening: CustomStringConvertible {
  let flag: String
  let text: String
  let effect: String

  var description: String { "\(flag) “\(text.escapedForDisplay)” \(effect)" }

  static func all(in databases: [PolicyDatabase], users: some Sequence<(String, PolicyUser)>)
    -> [PolicyOpening]
  {
    let ids = databases.compactMap { database -> PolicyOpening? in
      guard case .pattern(let pattern) = database else { return nil }
      let which = pattern.description == "*" ? "every database" : "every database whose resource id matches"
      return PolicyOpening(
        flag: "--resource-id", text: pattern.description,
        effect: "opens \(which) in the account and region, those of the future with them")
    }
    return ids
      + users.flatMap { text, user in
        Set(user.openings).map { opening in
          PolicyOpening(flag: "--db-user", text: text, effect: effect(of: opening, in: text))
        }.sorted { $0.effect < $1.effect }
      }
  }

  private static func effect(of opening: PolicyUser.Opening, in text: String) -> String {
    switch opening {
    case .wildcard where text == "*":
      "opens every user that may log in by IAM, the master user with them if it is a member of rds_iam"
    case .wildcard:
      "opens every user whose name matches, those of the future with them"
    case .variable(let variable):
      "opens to each bearer the user that IAM puts in the place of \(variable)"
    }
  }
}

/// A wildcard without the flag that allows it.
struct WildcardNotAllowed: ConfigurationError {
  let opening: PolicyOpening

  var description: String {
    let exact =
      opening.flag == "--db-user"
      ? "; for a user whose own name has the character, write it as ${*}, ${?} or ${$}, as IAM does" : ""
    return "\(opening); pass --allow-wildcard if that is meant\(exact)"
  }
}
