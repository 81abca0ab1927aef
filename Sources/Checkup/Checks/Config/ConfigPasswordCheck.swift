internal import AccessModel
internal import Signing
internal import Targets

/// A password that is lying about is what it should be.
struct ConfigPasswordCheck: Check {
  let id = "config-password"
  let stage = Stage.config
  let claim = "the password that libpq would find is in one piece"
  let requires = ["config-target"]

  func run(_ run: CheckupRun) async -> Outcome {
    let settings = await run.evidence.target.settings
    let given = run.request.givenPassword
    guard
      let (password, source) = settings.password
        ?? given.map({ ($0, SettingSource.environment("PGPASSWORD")) })
    else { return .notApplicable("no password is set anywhere; a token is made") }
    let inspection = password.withExposed { TokenInspection($0, now: nil) }
    // What is wrong with its contents is for token-facts to say, where the token is used.
    let form: Set<TokenFault.Slug> = [.empty, .masked, .lineBreak]
    let facts = PasswordFacts(
      source: source, length: password.withExposed { $0.utf8.count },
      looksLikeToken: inspection.isToken || settings.passwordLine?.isCut == true,
      faults: inspection.faults.filter { form.contains($0.slug) },
      isCutAtColon: settings.passwordLine?.isCut ?? false,
      encoding: password.withExposed { TokenEncodingFault($0) })
    await run.record { $0.password = facts }
    let kind = inspection.isToken ? "a token" : "a password"
    let use = given == nil ? "; doctor makes its own token instead" : ""
    return .pass(
      "\(kind) of \(facts.length) bytes from \(source)\(use)",
      [EvidenceItem("source", "\(source)"), EvidenceItem("length", "\(facts.length)")])
  }
}
