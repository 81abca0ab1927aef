@testable import Diagnoses

/// Pages for tests, complete but for what a test is about.
enum PageText {
  static func page(
    id: String = "acme-proxy", severity: String = "error", engines: String = "[postgresql]",
    likelihood: String = "common", messages: [String] = [], shares: [String] = [], more: String = "",
    title: String = "# The proxy says no", body: String = sections
  ) -> String {
    func list(_ texts: [String]) -> String {
      texts.isEmpty ? " []" : texts.map { "\n  - \($0)" }.joined()
    }
    return """
      ---
      id: \(id)
      severity: \(severity)
      engines: \(engines)
      likelihood: \(likelihood)
      messages:\(list(messages))
      shares:\(list(shares))
      \(more)---

      \(title)

      \(body)
      """
  }

  static let sections = """
    ## Symptoms
    A message.

    ```text
    proxy refused the login of app
    ```

    ## Cause
    A rule.

    ## Detection
    Look.

    ## Fix
    Type this:

    ```sh
    proxy allow app
    proxy reload
    ```

    ## Verify
    Try.

    ## References
    https://example.com/
    """

  /// A parsed page that knows these texts.
  static func parsed(
    _ id: String, messages: [String] = [], shares: [String] = [], likelihood: String = "common"
  ) throws -> DiagnosisPage {
    func quoted(_ text: String) -> String { text.hasPrefix("[") ? text : "'\(text)'" }
    let text = page(
      id: id, likelihood: likelihood, messages: messages.map(quoted), shares: shares.map(quoted))
    return try PageParser(text, file: "\(id).md").page(id: id, category: "tests")
  }
}
