/// The languages that a policy is written in.
public enum PolicyFormat: String, CaseIterable, Sendable {
  /// The IAM document itself.
  case json
  /// A snippet in Terraform's language.
  case terraform
  /// The same snippet in Terraform's JSON syntax.
  case terraformJSON = "terraform-json"

  /// The template's path below `templates/`.
  var template: String {
    switch self {
    case .json: "policy/connect.json.mustache"
    case .terraform: "policy/connect.tf.mustache"
    case .terraformJSON: "policy/connect.tf.json.mustache"
    }
  }
}
