/// The role can read what is in the database.
struct RoleObjectsCheck: Check {
  let id = "role-objects"
  let stage = Stage.privileges
  let claim = "the role has rights on the database's objects"
  let requires = ["role-attributes"]

  func run(_ run: CheckupRun) async -> Outcome {
    guard let role = await run.evidence.role else { return .unknown("the role was not read") }
    guard role.objects > 0 else { return .pass("there are no tables yet") }
    var items = [EvidenceItem("objects", "\(role.objects)"), EvidenceItem("not owned", "\(role.foreign)")]
    if let example = role.unreadableExample {
      items.append(EvidenceItem("cannot read", "\(role.unreadable), such as \(example)"))
    }
    let owned =
      role.foreign == 0 ? "owns all of them" : "\(role.foreign) of them belong to others: see setup plan"
    return .pass("reads \(role.objects - role.unreadable) of \(role.objects) objects, \(owned)", items)
  }
}
