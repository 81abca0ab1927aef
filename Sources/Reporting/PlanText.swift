internal import AccessModel
internal import Postgres
public import Provisioning

/// A plan as people read it: grouped by step, counts at the end.
public struct PlanText: Sendable {
  let plan: Plan
  let style: OutputStyle
  /// What the plan undoes is not called setup.
  let title: String
  /// What an empty plan means.
  let nothing: String

  public init(
    _ plan: Plan, style: OutputStyle, title: String = "setup plan",
    nothing: String = "No changes. Everything is as it should be."
  ) {
    self.plan = plan
    self.style = style
    self.title = title
    self.nothing = nothing
  }

  /// Writes the plan in pieces, so that a plan of any size needs little memory.
  public func write(to output: (String) throws -> Void) rethrows {
    let server = plan.server
    try output(
      style.paint(
        "\(title): database \(Identifier.display(server.database)) at \(ShownText.line(plan.host)):\(plan.port), as "
          + Identifier.display(server.user),
        .bold)
        + "\n\(ShownText.line(server.summary))\n")
    try writeChanges(output)
    try writeSkipped(output)
    try writeGuards(output)
    try writeMissing(output)
    for note in plan.notes {
      try output(style.wrap("Note: \(ShownText.line(note))", indent: "      ") + "\n")
    }
    try output("\n\(summary)\n")
  }

  private func writeChanges(_ output: (String) throws -> Void) rethrows {
    var step: StepID?
    for change in plan.changes {
      if change.step != step {
        step = change.step
        try output("\n  \(style.paint(change.step.rawValue, .bold))\n")
      }
      try output(line(change) + "\n")
    }
  }

  private func line(_ change: Change) -> String {
    let kind = change.kind.padding(to: 18)
    var line = "    \(sign(change.sign)) \(ShownText.line("\(kind) \(change.object)"))"
    let (from, to) = (shown(change.from, change), shown(change.to, change))
    switch (from, to) {
    case (let from?, let to?) where change.sign == .change: line += "  \(from) \(style.arrow) \(to)"
    case (_, let to?) where change.kind == "access" || change.kind == "default": line += "  for \(to)"
    case (_, let to?): line += "  \(to)"
    case (let from?, nil): line += "  \(from)"
    case (nil, nil): break
    }
    return line
  }

  /// Owners are names, which are shown as such.
  private func shown(_ text: String?, _ change: Change) -> String? {
    text.map(change.action.target == nil ? ShownText.line : Identifier.display)
  }

  private func sign(_ sign: Change.Sign) -> String {
    switch sign {
    case .add: style.paint(sign.rawValue, .green)
    case .change: style.paint(sign.rawValue, .yellow)
    case .remove: style.paint(sign.rawValue, .red)
    }
  }

  private func writeSkipped(_ output: (String) throws -> Void) rethrows {
    guard !plan.skipped.isEmpty else { return }
    try output("\n  \(style.paint("skipped", .bold))\n")
    for skipped in plan.skipped {
      try output(
        ShownText.line("    . \(skipped.kind.padding(to: 18)) \(skipped.object)  (\(skipped.reason))") + "\n")
      if let fix = skipped.fix {
        try output("        \(style.wrap(ShownText.line(fix), indent: "          "))\n")
      }
    }
  }

  private func writeGuards(_ output: (String) throws -> Void) rethrows {
    try output("\n")
    for guarded in plan.guards { try output(GuardLine.text(guarded, style)) }
    guard plan.locks.batches > 0 else { return }
    let locks = plan.locks
    try output(
      "Locks: \(locks.total) in \(locks.batches) \(locks.batches == 1 ? "transaction" : "transactions or more") "
        + "of at most \(locks.perBatch) (the server has room for \(locks.capacity), \(locks.held) in use)\n")
  }

  private func writeMissing(_ output: (String) throws -> Void) rethrows {
    guard !plan.missing.isEmpty else { return }
    try output("\n\(style.paint("Missing: nothing can be done before this has been run", .red))\n")
    var heading = ""
    for missing in plan.missing {
      let next = ShownText.line("  by \(missing.runBy), because \(missing.why):")
      if next != heading {
        heading = next
        try output(style.wrap(next, indent: "  ") + "\n")
      }
      try output("    \(ShownText.line(missing.statement));\n")
    }
  }

  /// The last line: what Terraform users look for.
  public var summary: String {
    if plan.changes.isEmpty, !plan.isBlocked { return nothing }
    let skipped = plan.skipped.isEmpty ? "" : ", \(plan.skipped.count) skipped"
    let word = plan.isBlocked ? style.paint("Refused", .red) : "Plan"
    return
      "\(word): \(plan.count(.add)) to add, \(plan.count(.change)) to change, \(plan.count(.remove)) to remove\(skipped)."
  }
}

/// One guard on one line, and its way out below.
public enum GuardLine {
  public static func text(_ guarded: Guard, _ style: OutputStyle) -> String {
    let mark =
      switch guarded.status {
      case .pass: style.paint(style.unicode ? "✓" : "ok  ", .green)
      case .warn: style.paint(style.unicode ? "!" : "warn", .yellow)
      case .fail: style.paint(style.unicode ? "✗" : "FAIL", .red)
      case .unknown: style.paint(style.unicode ? "?" : "?   ", .yellow)
      }
    var text = style.wrap("\(mark) \(guarded.id): \(ShownText.line(guarded.message))", indent: "    ") + "\n"
    if let fix = guarded.fix, guarded.status != .pass {
      text += style.wrap("    fix: \(ShownText.line(fix))", indent: "         ") + "\n"
    }
    return text
  }
}

extension String {
  func padding(to width: Int) -> String {
    count >= width ? self : self + String(repeating: " ", count: width - count)
  }
}
