import TLS
import Testing

@testable import Checkup

@Suite("What is known of a certificate")
struct TrustFactsTests {
  @Test("its name stays known, whichever of names and root file is looked at first")
  func order() {
    let bundle = TrustFacts.Roots.loaded(TrustBundle(certificates: [.root]))
    let evidence = Evidence.but {
      $0.trust = TrustFacts(nameMatches: true, name: Evidence.endpointName)
      $0.keep(bundle)
    }
    #expect(evidence.trust?.roots == bundle)
    #expect(evidence.trust?.nameMatches == true)
    #expect(evidence.trust?.name == Evidence.endpointName)
  }
}
