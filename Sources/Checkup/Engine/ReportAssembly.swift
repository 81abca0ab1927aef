internal import AccessModel
internal import DNS
internal import Postgres
internal import Sockets
internal import TLS
internal import Targets

/// Puts a run's results together: verdict, ranking, phases.
struct ReportAssembly {
  let report: CheckReport

  init(
    _ run: CheckupRun, _ request: CheckupRequest, _ results: [CheckResult], _ duration: Duration
  ) async {
    let evidence = await run.evidence
    let redactor = await run.redactor.excepting(request.publicNames)
    let sslModes = await run.sslModes.map { mode in
      var mode = mode
      mode.reason = redactor.redacted(mode.reason)
      return mode
    }
    let counting = results.filter { $0.ignored == nil }
      .flatMap { $0.findings }.filter { request.ignored[$0.id] == nil }
    let findings = Classifier.ranked(counting)
    report = CheckReport(
      verdict: Self.verdict(results, findings), target: Self.summary(evidence),
      tool: Self.tool(request.version),
      phases: Self.phases(evidence.timing), checks: results, findings: findings, sslModes: sslModes,
      duration: duration)
  }

  private static func verdict(_ results: [CheckResult], _ findings: [Finding]) -> CheckReport.Verdict {
    let counting = results.filter { $0.ignored == nil }
    if findings.contains(where: { $0.severity == .error }) || counting.contains(where: { $0.status == .fail })
    {
      return .fail
    }
    if counting.contains(where: { $0.status == .unknown }) { return .incomplete }
    // Nothing failed, and yet something was not looked at, because what it needs was left out.
    let waived = Set(results.filter { $0.ignored != nil }.map(\.id))
    func isWaived(_ id: String) -> Bool {
      waived.contains(id) || results.first { $0.id == id }?.missing.contains(where: isWaived) == true
    }
    if counting.contains(where: { !$0.missing.isEmpty && !$0.missing.contains(where: isWaived) }) {
      return .incomplete
    }
    return findings.isEmpty && !counting.contains { $0.status == .warn } ? .pass : .warn
  }

  private static func summary(_ evidence: Evidence) -> TargetSummary {
    let target = evidence.target
    let endpoint = evidence.endpoint
    return TargetSummary(
      host: target.settings["host"] ?? target.settings["hostaddr"] ?? "", port: target.port,
      user: target.user,
      database: target.database, endpoint: endpoint?.signed == target.host?.name ? nil : endpoint?.signed,
      endpointKind: endpoint?.endpoint?.kind.rawValue, region: target.region,
      addresses: evidence.reach.map(\.address.host), sslMode: evidence.tls?.asked ?? "prefer",
      effectiveSSLMode: evidence.tls?.mode ?? "prefer")
  }

  private static func tool(_ version: String) -> ToolVersions {
    ToolVersions(
      version: version, libpq: LibPQ.version, openssl: OpenSSLLibrary.version, cAres: DNSLibrary.version)
  }

  /// The phases with their medians, and the round trips that the protocol takes for each.
  private static func phases(_ timing: TimingFacts?) -> [PhaseTime] {
    guard let timing else { return [] }
    return ConnectionPhase.allCases.compactMap { phase in
      let samples = timing.samples.compactMap { sample in sample.first { $0.phase == phase }?.duration }
      guard let median = timing.median(phase) else { return nil }
      return PhaseTime(
        phase: phase, duration: median, samples: samples, roundTrips: timing.expectedRoundTrips[phase])
    }
  }
}
