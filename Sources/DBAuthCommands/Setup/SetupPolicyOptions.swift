internal import ArgumentParser

/// The IAM policy that setup writes on the side.
struct SetupPolicyOptions: ParsableArguments {
  func check(user: String) throws {}
  func write(user: String) throws {}
}
