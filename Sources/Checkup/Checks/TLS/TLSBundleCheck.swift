internal import FoundationEssentials
internal import TLS
internal import Targets

/// The file of root certificates can be read, and holds some.
struct TLSBundleCheck: Check {
  let id = "tls-bundle"
  let stage = Stage.tls
  let claim = "the root certificates can be read"
  let requires = ["config-tls"]

  func run(_ run: CheckupRun) async -> Outcome {
    guard let tls = await run.evidence.tls else { return .unknown("the TLS parameters were not read") }
    if tls.usesSystemRoots {
      let system = TrustBundle.system()
      await run.record { $0.keep(.loaded(system)) }
      return .pass("the operating system's, \(system.certificates.count) certificates")
    }
    guard let path = tls.rootFile else { return .notApplicable("sslmode=\(tls.asked) verifies nothing") }
    do {
      let bundle = try TrustBundle.load(path: path)
      await run.record { $0.keep(.loaded(bundle)) }
      let count = bundle.certificates.count
      let ends = bundle.certificates.map(\.notAfter).min().map { ", the first ends \($0.day)" } ?? ""
      return .pass(
        "\(path): \(count) certificate\(count == 1 ? "" : "s")\(ends)", [EvidenceItem("file", path)])
    } catch {
      await run.record { $0.keep(.failed(error)) }
      if !tls.verifiesChain { return .pass("\(error); sslmode=\(tls.asked) does not need it") }
      return .fail(
        "\(error)", [EvidenceItem("file", path), EvidenceItem("named by", "\(tls.rootSource ?? .builtIn)")])
    }
  }
}

extension Evidence {
  /// Adds the root file to what is known of the certificate: checks that look at its names run at the same time.
  mutating func keep(_ roots: TrustFacts.Roots) {
    var facts = trust ?? TrustFacts()
    facts.roots = roots
    trust = facts
  }
}
