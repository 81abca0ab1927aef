internal import AccessModel
internal import Targets

/// The host, port, user and database are given, once, and can be what they say.
struct ConfigTargetCheck: Check {
  let id = "config-target"
  let stage = Stage.config
  let claim = "the target is given completely and without contradiction"
  let requires: [String] = []

  func run(_ run: CheckupRun) async -> Outcome {
    let target = await run.evidence.target
    let settings = target.settings
    var evidence = ["host", "hostaddr", "port", "user", "dbname"].compactMap { keyword in
      settings.setting(keyword).map { EvidenceItem(keyword, "\($0.value.escapedForDisplay) (\($0.source))") }
    }
    for (keyword, all) in settings.overruled {
      let losers = all.dropFirst().map { "\($0.value.escapedForDisplay) of \($0.source)" }.joined(
        separator: ", ")
      evidence.append(EvidenceItem("\(keyword) beats", "\(all[0].source) over \(losers)"))
    }
    for problem in settings.problems {
      switch problem.kind {
      case .conninfo(let words): return .fail("libpq cannot read the connection string: \(words)", evidence)
      case .noUser(let userID):
        return .fail("no user is given, and this process's user id \(userID) has no name", evidence)
      }
    }
    guard let host = settings["host"] ?? settings["hostaddr"] else {
      return .fail("no host is given: pass -h/--host, or set PGHOST", evidence)
    }
    guard let name = target.host ?? (try? HostName(host)) else {
      return .fail("“\(host.escapedForDisplay)” cannot be a host", evidence)
    }
    guard let port = settings["port"], let number = Int(port), 1...65_535 ~= number else {
      return .fail("“\(settings["port"]?.escapedForDisplay ?? "")” is not a port (1 to 65535)", evidence)
    }
    if name.form == .socket {
      return .fail(
        "\(name) is a Unix-domain socket; identities are for connections over TCP: give the host", evidence)
    }
    return .pass("host, port, user and database are known", evidence)
  }
}
