internal import AccessModel
internal import Diagnoses

/// An id that no page has, with those that were probably meant.
struct UnknownDiagnosis: ConfigurationError {
  let id: String
  let nearest: [String]

  init(id: String, registry: PageRegistry) {
    self.id = id
    nearest = registry.nearest(to: id)
  }

  var description: String {
    let suggestion =
      nearest.isEmpty
      ? "" : " Did you mean \(nearest.map { "“\($0)”" }.joined(separator: " or "))?"
    return """
      there is no page “\(id.escapedForDisplay)”.\(suggestion)
      All of them: dbauth-admin checks list
      """
  }
}
