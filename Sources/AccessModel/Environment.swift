/// The variables that a process was started with, as a value, so that tests can hand in their own.
public struct Environment: Sendable, Hashable {
  private let variables: [String: String]

  public init(_ variables: [String: String]) {
    self.variables = variables
  }

  /// A variable's value. One that is set to nothing counts as not set, as in libpq and the AWS SDKs.
  public subscript(name: String) -> String? {
    guard let value = variables[name], !value.isEmpty else { return nil }
    return value
  }

  /// These variables and no others.
  public func only(_ names: Set<String>) -> Environment {
    Environment(variables.filter { names.contains($0.key) })
  }

  /// The first of `names` that is set, with its value.
  public func first(of names: String...) -> (name: String, value: String)? {
    for name in names {
      if let value = self[name] { return (name, value) }
    }
    return nil
  }
}
