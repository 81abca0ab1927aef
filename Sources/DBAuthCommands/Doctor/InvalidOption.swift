internal import AccessModel

/// An option's value, or the lack of another option, that makes no sense; the message names both.
struct InvalidOption: ConfigurationError {
  let description: String

  init(_ description: String) { self.description = description }
}
