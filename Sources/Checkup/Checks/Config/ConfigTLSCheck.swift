internal import Glibc
internal import Targets

/// The TLS parameters are ones that libpq takes, and together mean something.
struct ConfigTLSCheck: Check {
  let id = "config-tls"
  let stage = Stage.config
  let claim = "the TLS parameters are valid together"
  let requires = ["config-target"]

  func run(_ run: CheckupRun) async -> Outcome {
    let settings = await run.evidence.target.settings
    let tls = EffectiveTLS(settings, environment: run.request.environment) { access($0, F_OK) == 0 }
    await run.record { $0.tls = tls }
    var evidence = [
      "sslmode", "sslrootcert", "sslnegotiation", "ssl_min_protocol_version", "ssl_max_protocol_version",
    ]
    .compactMap { keyword in
      settings.setting(keyword).map { EvidenceItem(keyword, "\($0.value) (\($0.source))") }
    }
    if let file = tls.rootFile, let source = tls.rootSource,
      tls.mode != tls.asked || settings["sslrootcert"] == nil
    {
      evidence.append(EvidenceItem("root file", "\(file) (\(source))"))
    }
    let mode = tls.mode == tls.asked ? "sslmode=\(tls.asked)" : "sslmode=\(tls.asked), in effect \(tls.mode)"
    return .pass(mode, evidence)
  }
}
